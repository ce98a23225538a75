/** Events, labels and status of an installation, on an in-memory node with a fake API server. */
import { KataError } from '@kata/core';
import { expect, test } from 'vitest';
import { reportRefusedSettings } from './install-failure.ts';
import { useWalk } from './testkit/use-walk.ts';

const own = 'kata-deploy.katacontainers.io/default';
const shared = 'katacontainers.io/kata-runtime';
const walk = useWalk();

test('issue 12.21: installing an older version is a downgrade', async () => {
  await walk.install({ payload: walk.second });
  await walk.install();

  expect(walk.api.events).toEqual(['Installed', 'Downgraded']);
});

test('issue 12.21: refused settings are reported, and labels of handlers that the node does not serve are removed', async () => {
  const { api } = walk;
  const handler = 'handler.katacontainers.io/kata-qemu';
  Object.assign(api.labels, { [own]: 'true', [shared]: 'true', [handler]: 'true' });

  await reportRefusedSettings(await walk.context(), new KataError('KATA_CONFIG_INVALID', 'no such shim'));

  expect(api.labels).toEqual({ [own]: 'false', [shared]: 'false' });
  expect(api.status).toMatchObject({ phase: 'failed', code: 'KATA_CONFIG_INVALID', message: 'no such shim' });
  expect(api.events).toEqual(['InstallFailed']);
});
