/** Termination of an installer's pod, on an in-memory node with a fake API server. */
import { KataError } from '@kata/core';
import { Installation } from '@kata/installer';
import type { ScriptedAnswer } from '@kata/kube/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { useWalk } from './testkit/use-walk.ts';
import { handleTermination } from './handle-termination.ts';
import { removeFromNode } from './remove-node.ts';
import { runDrift } from './run-drift.ts';

const gone: ScriptedAnswer = { status: 404 };
const refused: ScriptedAnswer = { status: 403 };
const present: ScriptedAnswer = {
  status: 200,
  body: {
    metadata: { name: 'kata-deploy', namespace: 'kata', uid: 'd1', resourceVersion: '1' },
    spec: { template: { spec: {} } },
  },
};

const walk = useWalk();

beforeEach(async () => {
  walk.api.daemonSet = [present];
  // Without a Node object: these tests are not about labels.
  await walk.install({ environment: { NODE_NAME: undefined } });
});

test('deleting the DaemonSet removes the installation', async () => {
  walk.api.daemonSet = [gone];

  await handleTermination(await walk.context());

  expect(walk.node.served()).toBe('');
});

test('issue 12.16: a removal with the wrong prefix removes no label', async () => {
  await walk.install();
  const labels = { ...walk.api.labels };
  const before = walk.node.tree();

  await expect(
    removeFromNode(await walk.context({ environment: { INSTALLATION_PREFIX: '/elsewhere' } })),
  ).rejects.toMatchObject({ code: 'KATA_REMOVAL_ELSEWHERE', exitCode: 3 });

  expect(walk.api.labels).toEqual(labels);
  expect(walk.node.tree()).toEqual(before);
  expect(await removeFromNode(await walk.context())).toBe('removed');
  expect(walk.api.labels).toEqual({});
});

test('issue 12.16: a recreated machine that serves another installation loses the labels of the one that is gone', async () => {
  const environment = { MULTI_INSTALL_SUFFIX: 'blue' };
  await walk.install({ environment });
  await walk.install();
  const { blue, ofBlue } = { blue: 'kata-deploy.katacontainers.io/blue', ofBlue: walk.node.served() };
  await (await walk.context()).installation.remove(await (await walk.context()).installation.planRemoval());
  expect(ofBlue).toContain('kata-remote-blue');
  expect(walk.api.status).toMatchObject({ phase: 'installed' });

  expect(await removeFromNode(await walk.context())).toBe('removed');

  expect(walk.api.labels).toMatchObject({ [blue]: 'true', 'katacontainers.io/kata-runtime': 'true' });
  expect(walk.api.labels).not.toHaveProperty('kata-deploy.katacontainers.io/default');
});

test('issue 12.21: an installation that is made again while the removal waits for the lock stays', async () => {
  const before = walk.node.tree();
  walk.api.daemonSet = [gone, present];

  await handleTermination(await walk.context());

  expect(walk.node.tree()).toEqual(before);
  expect(walk.api.patches).toBe(0);
});

test('issue 12.21: nothing is removed when the DaemonSet cannot be read again under the lock', async () => {
  const before = walk.node.served();
  walk.api.daemonSet = [gone, refused];

  await expect(handleTermination(await walk.context())).rejects.toMatchObject({
    code: 'KATA_KUBE_FORBIDDEN',
  });

  expect(walk.node.served()).toBe(before);
  expect(walk.api.patches).toBe(0);
});

test('issue 12.21: a removal that is refused before any change is recorded as an Event, because the log goes with the pod', async () => {
  walk.api.daemonSet = [gone];
  walk.node.refuses = 'version';
  const before = walk.node.tree();

  await expect(handleTermination(await walk.context())).rejects.toMatchObject({ code: 'KATA_ENGINE_LOADER' });

  expect(walk.api.events).toEqual(['RemovalFailed']);
  expect(walk.node.tree()).toEqual(before);
});

describe('issue 12.21: kubelet cannot terminate the pod, because the container runtime is unresponsive', () => {
  const own = { metadata: { name: 'kata-deploy-1', namespace: 'kata', uid: 'pod-1' }, spec: {} };
  const ending = { ...own, metadata: { ...own.metadata, deletionTimestamp: '2026-11-26T17:51:03Z' } };

  test('the drift run makes the cleanup decision', async () => {
    walk.api.pods = [ending];
    walk.api.daemonSet = [gone];

    expect(await runDrift(await walk.context())).toBe(0);

    expect(walk.node.served()).toBe('');
    expect(await walk.node.host.files.info('/opt/kata')).toBeUndefined();
  });

  test('while the container runtime is unresponsive nothing is removed, and the waiter runs again', async () => {
    walk.api.pods = [ending];
    walk.api.daemonSet = [gone];
    const before = walk.node.served();
    const refuse = async (): Promise<never> => {
      throw new KataError('KATA_HOST_CRI', 'the container runtime does not answer');
    };
    const engine = { version: refuse, servedHandlers: refuse, intervalMs: 1 };
    const { host, config, ...context } = await walk.context();
    const installation = new Installation({
      ...{ host, settings: config.settings, engine, sandboxes: refuse },
      emit: () => undefined,
    });

    expect(await runDrift({ ...context, host, config, engine, installation })).toBe(75);

    expect(walk.node.served()).toBe(before);
    expect(walk.api.status).toMatchObject({ phase: 'cleanup-pending', reason: 'RuntimeUnresponsive' });
  });

  test('refused settings do not prevent the cleanup decision, and are used for nothing else', async () => {
    const refusal = new KataError('KATA_CONFIG_INVALID', 'no such shim');
    const before = walk.node.tree();
    walk.api.pods = [own];
    walk.api.daemonSet = [gone];
    const context = { ...(await walk.context()), refusal };

    await expect(runDrift(context)).rejects.toBe(refusal);
    expect(walk.node.tree()).toEqual(before);

    walk.api.pods = [ending];
    expect(await runDrift(context)).toBe(0);
    expect(walk.node.served()).toBe('');
  });

  test('a pod that only restarts removes nothing, and one that is not terminating looks for drift', async () => {
    const before = walk.node.tree();
    walk.api.pods = [ending];
    expect(await runDrift(await walk.context())).toBe(0);
    walk.api.pods = [own];
    walk.api.daemonSet = [gone];
    expect(await runDrift(await walk.context())).toBe(0);

    expect(walk.node.tree()).toEqual(before);
  });
});
