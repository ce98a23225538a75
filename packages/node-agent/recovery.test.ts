/** A drift run on a node that reports a failed installation of the release that it has, on an in-memory node with a fake API server. */
import { describe, expect, test, vi } from 'vitest';
import { lookForDrift } from './look-for-drift.ts';
import { rollBack } from './rollback.ts';
import { useWalk } from './testkit/use-walk.ts';

const own = 'kata-deploy.katacontainers.io/default';
const statusKey = 'katacontainers.io/kata-deploy-status';

const walk = useWalk();

const look = async (): Promise<boolean> => await lookForDrift(await walk.context());

/** As `install --once` in the running pod while containerd hangs. */
async function failOnce(): Promise<void> {
  walk.node.isUnresponsive = true;
  await expect(walk.install()).rejects.toMatchObject({ code: 'KATA_ENGINE_SILENT' });
  walk.node.isUnresponsive = false;
  expect(walk.api.status).toMatchObject({ phase: 'failed', code: 'KATA_ENGINE_SILENT' });
}

describe('when the cause of a failed installation is gone', () => {
  test('the node reports again that it is installed, once', async () => {
    await walk.install();
    const { attempt: _, time: __, ...installed } = walk.api.status;
    const labels = { ...walk.api.labels };
    await failOnce();

    expect(await look()).toBe(false);
    expect(await look()).toBe(false);

    const { attempt: ___, time: ____, ...now } = walk.api.status;
    expect(now).toEqual(installed);
    expect(walk.api.labels).toEqual(labels);
    expect(walk.api.events).toEqual(['Installed', 'InstallFailed', 'Recovered']);
    expect(walk.api.notes.at(-1)).toMatch(
      /^the installation of release 3\.24\.0-\w+ had failed \(KATA_ENGINE_SILENT\); it is complete and served now$/,
    );
  });

  test('its labels return, too', async () => {
    await walk.install();
    const labels = { ...walk.api.labels };
    await failOnce();
    walk.api.labels[own] = 'false';

    await look();

    expect(walk.api.labels).toEqual(labels);
  });

  test('a held node reports again that it is held', async () => {
    await walk.install();
    await rollBack(await walk.context(), { to: '3.24.0', holds: true });
    const status = JSON.stringify({ ...walk.api.status, phase: 'failed', reason: 'InstallFailed' });
    walk.api.annotations[statusKey] = status;

    await look();

    expect(walk.api.status).toMatchObject({ phase: 'held', reason: 'HeldByAdministrator' });
    expect(walk.api.events.at(-1)).toBe('Recovered');
  });

  test('an installation that was left incomplete, and is complete now, is reported as installed', async () => {
    await walk.install();
    const incomplete = { phase: 'incomplete', reason: 'InstallIncomplete', code: 'KATA_DEPLOY_NOT_SERVED' };
    walk.api.annotations[statusKey] = JSON.stringify({ ...walk.api.status, ...incomplete });

    expect(await look()).toBe(false);

    expect(walk.api.status).toMatchObject({ phase: 'installed', reason: 'Installed' });
    expect(walk.api.status).not.toHaveProperty('code');
    expect(walk.api.events).toEqual(['Installed', 'Recovered']);
  });

  test('and drift is repaired first, both are reported', async () => {
    await walk.install();
    await failOnce();
    await walk.node.host.files.remove('/opt/kata/bin');
    walk.api.phases.length = 0;

    expect(await look()).toBe(true);

    expect(walk.api.phases).toEqual(['drifted', 'installed']);
    expect(walk.api.events.slice(2)).toEqual(['Drifted', 'DriftRepaired', 'Recovered']);
  });
});

test('a node that failed to install another release stays failed', async () => {
  await walk.install();
  walk.node.refuses = 'version';
  await expect(walk.install({ payload: walk.second })).rejects.toMatchObject({ code: 'KATA_ENGINE_LOADER' });
  walk.node.refuses = undefined;
  const { status } = walk.api;

  expect(await look()).toBe(false);

  expect(walk.api.status).toEqual(status);
  expect(status).toMatchObject({ phase: 'failed', offered: expect.stringMatching(/^3\.25/) as string });
});

test('while the handlers are not served, the node stays failed', async () => {
  await walk.install();
  await failOnce();
  await walk.node.host.files.remove('/opt/kata/current');

  expect(await lookForDrift(await walk.context(), false)).toBe(true);

  expect(walk.api.status).toMatchObject({ phase: 'drifted', before: { phase: 'failed' } });
  expect(walk.api.events).not.toContain('Recovered');
});

describe('while the installer of the pod tries again by itself', () => {
  const podOf = (ready: string): object => ({
    metadata: { name: 'kata-deploy-x', namespace: 'kata', uid: 'pod-1' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
  });

  test('the node stays failed: the cause is not gone, and both would report in turn', async () => {
    await walk.install();
    await failOnce();
    const { status } = walk.api;
    walk.api.pods = [podOf('False')];

    expect(await look()).toBe(false);

    expect(walk.api.status).toEqual(status);
    expect(walk.api.events).toEqual(['Installed', 'InstallFailed']);
  });

  test('its success, after which the pod is ready, ends that', async () => {
    await walk.install();
    await failOnce();
    walk.api.pods = [podOf('True')];

    await look();

    expect(walk.api.status).toMatchObject({ phase: 'installed' });
    expect(walk.api.events.at(-1)).toBe('Recovered');
  });
});

test("with upstream's chart, which does not allow to list pods and looks for drift only on demand, a failure that is over ends", async () => {
  await walk.install();
  await failOnce();
  const { api } = walk;
  const answer = api.answer.bind(api);
  vi.spyOn(api, 'answer').mockImplementation((request) =>
    request.path.includes('/pods') ? { status: 403 } : answer(request),
  );

  expect(await look()).toBe(false);

  expect(api.status).toMatchObject({ phase: 'installed' });
});

describe('on a node with an approval, which decides instead of the payload', () => {
  const approve = (release: unknown): void => {
    walk.api.list = {};
    walk.api.annotations['katacontainers.io/kata-approved-release'] = String(release);
  };

  test('it stays failed on the release of the payload when the switch to the approved one failed', async () => {
    await walk.install({ payload: walk.second });
    const { release } = walk.api.status;
    await walk.install();
    approve(release);
    await failOnce();
    const { status } = walk.api;
    expect(status).toMatchObject({ approved: release, offered: status['current'] });

    await look();

    expect(walk.api.status).toEqual(status);
    expect(walk.api.events).not.toContain('Recovered');
  });

  test.each(['3.24.0', undefined])('it recovers on the approved release (%s)', async (version) => {
    await walk.install();
    approve(version ?? walk.api.status['release']);
    walk.node.isUnresponsive = true;
    await expect(walk.install({ payload: walk.second })).rejects.toMatchObject({
      code: 'KATA_ENGINE_SILENT',
    });
    walk.node.isUnresponsive = false;

    await look();

    expect(walk.api.status).toMatchObject({ phase: 'installed' });
    expect(walk.api.events.at(-1)).toBe('Recovered');
  });
});
