/** Drift, on an in-memory node with a fake API server. */
import { describe, expect, test } from 'vitest';
import { useWalk } from './testkit/use-walk.ts';
import { lookForDrift } from './look-for-drift.ts';
import { rollBack } from './rollback.ts';

const statusKey = 'katacontainers.io/kata-deploy-status';
const own = 'kata-deploy.katacontainers.io/default';
const shared = 'katacontainers.io/kata-runtime';
/** The other tool's content, with our import added again. */
const ourImport = /^version = 3\nimports = \["\/opt\/kata\/containerd\//;
const mainFile = '/etc/containerd/config.toml';

const walk = useWalk();

const look = async (drift = 'repair'): Promise<boolean> =>
  await lookForDrift(await walk.context({ environment: { DRIFT: drift } }));
const text = async (path: `/${string}`): Promise<string> =>
  (await walk.node.host.files.read(path))?.toString('utf8') ?? '';

/** Every step from there on fails, as after a kill. */
function killAt(place: string): void {
  let isKilled = false;
  walk.node.onStep = ({ path }) => {
    isKilled ||= path.startsWith(place);
    if (isKilled) throw new Error('killed');
  };
}

/** As another tool that drops our import. */
async function rewriteMainFile(): Promise<string> {
  const before = await text(mainFile);
  await walk.node.host.files.write(mainFile, Buffer.from('version = 3\n'));
  await walk.node.restartByOthers();
  return before;
}

describe('issue 12.21: drift', () => {
  test('there is none where nothing is installed, and none right after an installation', async () => {
    expect(await look()).toBe(false);
    await walk.install();
    const labels = { ...walk.api.labels };
    const annotations = { ...walk.api.annotations };

    expect(await look()).toBe(false);

    expect(walk.api).toMatchObject({ labels, annotations, events: ['Installed'] });
  });

  test('a containerd configuration without our import is reported, and repaired to the recorded release', async () => {
    await walk.install();
    await rewriteMainFile();
    walk.api.phases.length = 0;
    const current = await walk.current();

    expect(await look()).toBe(true);

    expect(walk.api.phases).toEqual(['drifted', 'installed']);
    expect(walk.api.events).toEqual(['Installed', 'Drifted', 'DriftRepaired']);
    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
    expect(walk.api.labels).not.toHaveProperty(statusKey);
    expect(await text(mainFile)).toMatch(ourImport);
    expect(await walk.current()).toBe(current);
    expect(await look()).toBe(false);
  });

  test('a handler that was retained for a pod is no drift after the pod ended, and is repaired like the others', async () => {
    const trace = '/run/vc/sbs/0123456789abcdef';
    await walk.install();
    walk.node.host.files.seed(trace, { directory: true });
    await walk.install({ environment: { SHIMS_X86_64: 'remote' } });
    const both = walk.node.served();
    await walk.node.host.files.removeTree(trace);
    const restarts = walk.node.host.units.restarts.length;

    expect(await look()).toBe(false);

    expect(walk.node.host.units.restarts.length).toBe(restarts);
    expect(both).toMatch(/^kata-qemu-snp by .*, kata-remote by /);
    await rewriteMainFile();
    expect(await look()).toBe(true);
    expect(walk.node.served()).toBe(both);
    expect(await look()).toBe(false);
    await walk.install({ environment: { SHIMS_X86_64: 'remote' } });
    expect(walk.node.served()).toMatch(/^kata-remote by [^,]*$/);
  });

  test('the next run finishes a killed repair', async () => {
    await walk.install();
    await rewriteMainFile();
    killAt('/etc/containerd/.config.toml');
    await expect(look()).rejects.toThrow();
    walk.node.onStep = undefined;
    expect((await (await walk.context()).installation.readFacts()).unfinished).toBeDefined();

    expect(await look('report').catch(({ exitCode }: { exitCode: number }) => exitCode)).toBe(4);
    expect(await look()).toBe(true);

    expect(await text(mainFile)).toMatch(ourImport);
    expect((await (await walk.context()).installation.readFacts()).unfinished).toBeUndefined();
    expect(walk.api.phases.at(-1)).toBe('installed');
    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
    expect(await look()).toBe(false);
  });

  test('a killed installation is left to the installer, and the run fails', async () => {
    await walk.install();
    killAt('/opt/kata/current');
    await walk.install({ payload: walk.second }).catch(() => undefined);
    walk.node.onStep = undefined;
    const before = walk.node.tree();

    await expect(look()).rejects.toMatchObject({ code: 'KATA_DRIFT_INTERRUPTED', exitCode: 4 });

    expect(walk.node.tree()).toEqual(before);
  });

  test.each(['failed', 'cleanup-pending', 'held'])(
    'a node that reported %s reports it again after a repair',
    async (phase) => {
      await walk.install();
      // Of another release: see `recovery.test.ts`.
      const status = { ...walk.api.status, phase, reason: 'Before', offered: '3.25.0-0123abcd' };
      walk.api.annotations[statusKey] = JSON.stringify(status);
      await rewriteMainFile();
      walk.api.phases.length = 0;

      // Reporting and repairing are separate processes.
      expect(await look('report')).toBe(true);
      expect(await look()).toBe(true);
      expect(await look()).toBe(false);

      expect(walk.api.phases).toEqual(['drifted', 'drifted', phase]);
      expect(walk.api.status).toMatchObject({ phase, reason: 'Before' });
      expect(walk.api.labels[own]).toBe(phase === 'cleanup-pending' ? 'false' : 'true');
    },
  );

  test('a deleted link is restored', async () => {
    await walk.install();
    await walk.node.host.files.remove('/opt/kata/bin');

    expect(await look()).toBe(true);

    expect((await walk.node.host.files.info('/opt/kata/bin'))?.target).toBe('current/bin');
    expect(walk.api.events).toEqual(['Installed', 'Drifted', 'DriftRepaired']);
  });

  test('with DRIFT=report drift is reported once, not repaired, and cleared when it is gone', async () => {
    await walk.install();
    const before = await rewriteMainFile();

    expect(await look('report')).toBe(true);
    expect(await look('report')).toBe(true);

    expect(await text(mainFile)).toBe('version = 3\n');
    expect(walk.api.labels).toMatchObject({ [own]: 'false', [shared]: 'false', [statusKey]: 'drifted' });
    expect(walk.api.events).toEqual(['Installed', 'Drifted']);
    await walk.node.host.files.write(mainFile, Buffer.from(before));
    await walk.node.restartByOthers();
    expect(await look('report')).toBe(false);
    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
    expect(walk.api.labels).not.toHaveProperty(statusKey);
  });

  test('a node whose installation was deleted no longer reports that it is installed', async () => {
    await walk.install();
    await walk.node.host.files.removeTree('/opt/kata');

    expect(await look()).toBe(true);
    expect(await look()).toBe(true);

    expect(walk.api.status).toMatchObject({ phase: 'drifted', code: 'KATA_DRIFT_NO_RELEASE' });
    expect(walk.api.labels).toMatchObject({ [own]: 'false', [shared]: 'false', [statusKey]: 'drifted' });
    expect(walk.api.events).toEqual(['Installed', 'Drifted']);
    await walk.install();
    expect(walk.api.status).toMatchObject({ phase: 'installed' });
    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
    expect(walk.api.labels).not.toHaveProperty(statusKey);
  });

  test('a damaged record is reported once on the node, and cleared when it is restored', async () => {
    const file = '/opt/kata/state/ownership.json';
    await walk.install();
    const labels = { ...walk.api.labels };
    const record = await text(file);
    await walk.node.host.files.write(file, Buffer.from(record.slice(0, -10)));

    await expect(look()).rejects.toMatchObject({ code: 'KATA_INSTALLER_RECORD', exitCode: 3 });
    await expect(look()).rejects.toMatchObject({ code: 'KATA_INSTALLER_RECORD' });

    expect(walk.api.status).toMatchObject({
      phase: 'drifted',
      code: 'KATA_INSTALLER_RECORD',
      message: expect.stringContaining(file) as string,
    });
    expect(walk.api.labels).toEqual({ ...labels, [statusKey]: 'drifted' });
    expect(walk.api.events).toEqual(['Installed', 'Drifted']);

    await walk.node.host.files.write(file, Buffer.from(record));
    expect(await look()).toBe(false);
    expect(walk.api.status).toMatchObject({ phase: 'installed' });
    expect(walk.api.labels).toEqual(labels);
  });

  test('a damaged record that an installation has reported is not reported again by the waiter', async () => {
    await walk.install();
    await walk.node.host.files.write('/opt/kata/state/ownership.json', Buffer.from('{'));
    await expect(walk.install()).rejects.toMatchObject({ code: 'KATA_INSTALLER_RECORD' });
    const { annotations } = walk.api;
    const before = { ...annotations };

    await expect(look()).rejects.toMatchObject({ code: 'KATA_INSTALLER_RECORD' });

    expect(annotations).toEqual(before);
    expect(walk.api.status).toMatchObject({ phase: 'failed', code: 'KATA_INSTALLER_RECORD' });
  });

  test('files of the release that a rollback switched to are watched, too', async () => {
    await walk.install({ environment: { SHIMS_X86_64: 'remote' } });
    const { config } = await walk.context();
    const list = `${config.settings.prefix}/state/watch` as const;
    await walk.install({ environment: { SHIMS_X86_64: 'qemu-snp' }, payload: walk.second });
    expect(await text(list)).not.toContain('/runtimes/remote/');

    await rollBack(await walk.context());
    expect(await look()).toBe(false);

    expect(await text(list)).toContain('/runtimes/remote/');
  });

  test('labels that pods of another installation need stay, although the engine does not list its handler', async () => {
    await walk.install();
    const blue = 'kata-deploy.katacontainers.io/blue';
    const handler = 'handler.katacontainers.io/kata-qemu-blue';
    Object.assign(walk.api.labels, { [blue]: 'true', [handler]: 'true' });
    walk.api.pods = [
      {
        metadata: { name: 'running', namespace: 'default', uid: 'p1' },
        spec: { runtimeClassName: 'kata-qemu-blue', nodeSelector: { [handler]: 'true', [blue]: 'true' } },
        status: { phase: 'Running' },
      },
    ];

    await rewriteMainFile();
    expect(await look()).toBe(true);
    expect(walk.api.labels).toMatchObject({ [handler]: 'true', [blue]: 'true', [own]: 'true' });

    walk.api.pods = [];
    await look();
    expect(walk.api.labels).not.toHaveProperty(handler);
  });

  test('with DRIFT=report an explicit repair still repairs', async () => {
    await walk.install();
    await rewriteMainFile();
    const context = await walk.context({ environment: { DRIFT: 'report' } });
    await lookForDrift(context);

    expect(await lookForDrift(context, true)).toBe(true);

    expect(await text(mainFile)).toMatch(ourImport);
    expect(walk.api.status).toMatchObject({ phase: 'installed' });
  });

  test('drift is repaired also when the API server refuses requests', async () => {
    await walk.install();
    await rewriteMainFile();
    walk.api.isAway = true;

    await look().catch(() => undefined);

    expect(await text(mainFile)).toMatch(ourImport);
  });

  test('after a repair the status still has the offered and the previous release', async () => {
    await walk.install();
    await walk.install({ payload: walk.second });
    const { time: _time, attempt: _attempt, ...reported } = walk.api.status;
    expect(reported).toMatchObject({
      offered: reported['current'],
      previous: expect.stringMatching(/^3\.24\.0-/),
    });

    await rewriteMainFile();
    await look('report');
    expect(walk.api.status).toMatchObject({ offered: reported['offered'], previous: reported['previous'] });
    await look();
    expect(walk.api.status).toMatchObject(reported);

    delete walk.api.labels[own];
    await look();
    expect(walk.api.status).toMatchObject(reported);
  });
});
