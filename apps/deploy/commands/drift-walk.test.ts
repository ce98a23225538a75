/** Drift with the commands' own code, on a node in memory before a double of the API server. */
import { KataError } from '@kata/core';
import { describe, expect, test } from 'vitest';
import { useWalk } from '../testkit/use-walk.ts';
import { lookForDrift } from './look-for-drift.ts';
import { rollBackOn } from './rollback.ts';
import { reportRefusedSettings } from './run-installation.ts';
import { formatStatus } from './format-status.ts';
import { readStatus } from './status.ts';

const statusKey = 'katacontainers.io/kata-deploy-status';
const own = 'kata-deploy.katacontainers.io/default';
const shared = 'katacontainers.io/kata-runtime';
/** What the other tool wrote stays, and our import comes back into it. */
const ourImport = /^version = 3\nimports = \["\/opt\/kata\/containerd\//;
const mainFile = '/etc/containerd/config.toml';

const walk = useWalk();

const handlersOf = (labels: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(labels)
    .filter((key) => key.startsWith('handler.katacontainers.io/'))
    .map((key) => key.slice('handler.katacontainers.io/'.length))
    .toSorted();

const look = async (drift = 'repair'): Promise<boolean> =>
  await lookForDrift(await walk.session({ payload: walk.second, environment: { DRIFT: drift } }));
const text = async (path: `/${string}`): Promise<string> =>
  (await walk.node.host.files.read(path))?.toString('utf8') ?? '';

/** From there on nothing is done any more. */
function killAt(place: string): void {
  let isKilled = false;
  walk.node.onStep = ({ path }) => {
    isKilled ||= path.startsWith(place);
    if (isKilled) throw new Error('killed');
  };
}

/** Another tool, which knows nothing of us. */
async function rewriteMainFile(): Promise<string> {
  const before = await text(mainFile);
  await walk.node.host.files.write(mainFile, Buffer.from('version = 3\n'));
  await walk.node.restartByOthers();
  return before;
}

describe('issue 12.21: drift', () => {
  test('where nothing is installed there is none, nor right after an installation', async () => {
    expect(await look()).toBe(false);
    await walk.install();
    const labels = { ...walk.api.labels };
    const annotations = { ...walk.api.annotations };

    expect(await look()).toBe(false);

    expect(walk.api).toMatchObject({ labels, annotations, events: ['Installed'] });
  });

  test('the engine is told nothing of us any more: said with labels that are true, and repaired to the recorded release', async () => {
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

  test('a handler that stayed for a pod is no drift after that pod ended, and comes back when it is rewritten away', async () => {
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

  test('a repair that was killed is finished by the next look', async () => {
    await walk.install();
    await rewriteMainFile();
    killAt('/etc/containerd/.config.toml');
    await expect(look()).rejects.toThrow();
    walk.node.onStep = undefined;
    expect((await (await walk.session()).installation.readFacts()).unfinished).toBeDefined();

    expect(await look('report').catch(({ exitCode }: { exitCode: number }) => exitCode)).toBe(4);
    expect(await look()).toBe(true);

    expect(await text(mainFile)).toMatch(ourImport);
    expect((await (await walk.session()).installation.readFacts()).unfinished).toBeUndefined();
    expect(walk.api.phases.at(-1)).toBe('installed');
    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
    expect(await look()).toBe(false);
  });

  test('an installation that was killed is for the installer to finish, and no success', async () => {
    await walk.install();
    killAt('/opt/kata/current');
    await walk.install({ payload: walk.second }).catch(() => undefined);
    walk.node.onStep = undefined;
    const before = walk.node.tree();

    await expect(look()).rejects.toMatchObject({ code: 'KATA_DRIFT_INTERRUPTED', exitCode: 4 });

    expect(walk.node.tree()).toEqual(before);
  });

  test.each(['failed', 'cleanup-pending', 'held'])(
    'a node that said %s says so again after a repair',
    async (phase) => {
      await walk.install();
      const status = { ...walk.api.status, phase, reason: 'Before' };
      walk.api.annotations[statusKey] = JSON.stringify(status);
      await rewriteMainFile();
      walk.api.phases.length = 0;

      // A look that only reports, or that is killed, is another process than the one that repairs.
      expect(await look('report')).toBe(true);
      expect(await look()).toBe(true);
      expect(await look()).toBe(false);

      expect(walk.api.phases).toEqual(['drifted', 'drifted', phase]);
      expect(walk.api.status).toMatchObject({ phase, reason: 'Before' });
      expect(walk.api.labels[own]).toBe(phase === 'cleanup-pending' ? 'false' : 'true');
    },
  );

  test('a link that somebody deleted is set again', async () => {
    await walk.install();
    await walk.node.host.files.remove('/opt/kata/bin');

    expect(await look()).toBe(true);

    expect((await walk.node.host.files.info('/opt/kata/bin'))?.target).toBe('current/bin');
    expect(walk.api.events).toEqual(['Installed', 'Drifted', 'DriftRepaired']);
  });

  test('with DRIFT=report it is only said, once, and no longer when it is gone', async () => {
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

  test.each(['/opt/kata/bin', '/opt/kata/current', '/opt/kata'] as const)(
    'only reported: %s is gone, and what the engine still lists is served no more',
    async (path) => {
      await walk.install();
      const { files } = walk.node.host;
      await (path === '/opt/kata' ? files.removeTree(path) : files.remove(path));

      await look('report');

      expect(handlersOf(walk.api.labels)).toEqual([]);
      expect(walk.api.labels).toMatchObject({ [own]: 'false', [shared]: 'false' });
      const { handlers } = await readStatus(await walk.session());
      expect(handlers.filter(({ served }) => served !== false)).toEqual([]);
    },
  );

  test.each([
    ['/opt/kata/state', 'Note          the ownership record is lost and'],
    ['/opt/kata', 'Nothing is installed in /opt/kata (containerd 2.2.1).'],
  ] as const)('%s is gone: the status names the pod that runs, and what is lost', async (path, lost) => {
    await walk.install();
    const { files } = walk.node.host;
    files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });
    await files.removeTree(path);

    const status = formatStatus(await readStatus(await walk.session()));

    expect(status).toContain(lost);
    expect(status).toContain('Pods          1 running: 0123456789abc');
  });

  test('a file of the release is cut off, which nobody can repair without a payload: its handlers lose their labels', async () => {
    await walk.install();
    const [release = ''] = await walk.node.host.files.list('/opt/kata/releases');
    await walk.node.host.files.write(`/opt/kata/releases/${release}/bin/qemu-snp`, Buffer.from('x'));

    expect(await look()).toBe(true);

    expect(walk.api.status).toMatchObject({ phase: 'drifted', code: 'KATA_ROLLBACK_DAMAGED' });
    expect(handlersOf(walk.api.labels)).toEqual(['kata-remote']);
  });

  test('a file that an administrator names is no drift when it goes, but its handler is not served without it', async () => {
    const { files } = walk.node.host;
    await walk.install();
    const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu-snp/config.d';
    await files.write(
      `${folder}/60-site.toml`,
      Buffer.from('[hypervisor.qemu-snp]\nkernel = "/opt/kata/own"\n'),
    );

    expect(await look()).toBe(false);
    expect(handlersOf(walk.api.labels)).toEqual(['kata-remote']);
    await walk.install();
    expect(walk.printed).toContain('warning: a file of kata-qemu-snp of release');
    expect(handlersOf(walk.api.labels)).toEqual(['kata-remote']);
    expect(walk.api.status).toMatchObject({ phase: 'installed' });

    await files.write('/opt/kata/own', Buffer.from('a kernel'));
    expect(await look()).toBe(false);
    expect(handlersOf(walk.api.labels)).toEqual(['kata-qemu-snp', 'kata-remote']);
  });

  test('an installation that was deleted as a whole is no longer called installed', async () => {
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

  test('the label of a handler that stayed for a pod goes with all else, and stays while the pod needs it', async () => {
    const trace = '/run/vc/sbs/0123456789abcdef';
    const nodeSelector = { 'handler.katacontainers.io/kata-qemu-snp': 'true', [own]: 'true' };
    const environment = { SHIMS_X86_64: 'remote' };
    await walk.install();
    walk.node.host.files.seed(trace, { directory: true });
    await walk.install({ environment });
    await walk.node.host.files.removeTree(trace);
    await walk.node.host.files.removeTree('/opt/kata');
    walk.api.pods = [
      {
        metadata: { name: 'lives', namespace: 'default', uid: 'p1' },
        spec: { runtimeClassName: 'kata-qemu-snp', nodeSelector },
        status: { phase: 'Running' },
      },
    ];

    await lookForDrift(await walk.session({ environment }));
    expect(handlersOf(walk.api.labels)).toEqual(['kata-qemu-snp']);

    walk.api.pods = [];
    await lookForDrift(await walk.session({ environment }));
    expect(handlersOf(walk.api.labels)).toEqual([]);
  });

  test('labels of another installation stay, though none of its files is seen from here', async () => {
    const others = {
      'kata-deploy.katacontainers.io/blue': 'true',
      'handler.katacontainers.io/kata-qemu-blue': 'true',
    };
    await walk.install();
    Object.assign(walk.api.labels, others);
    await walk.node.host.files.removeTree('/opt/kata');
    const session = await walk.session();
    const servedHandlers = async (): Promise<readonly string[]> => ['kata-qemu-blue'];

    await lookForDrift({ ...session, engine: { ...session.engine, servedHandlers } });

    expect(walk.api.labels).toMatchObject({ ...others, [own]: 'false', [shared]: 'true' });
  });

  test('a record that is damaged is said once on the node, and no longer once it is restored', async () => {
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

  test('a record that no installation can read is said by the installation, and not again by the waiter', async () => {
    await walk.install();
    await walk.node.host.files.write('/opt/kata/state/ownership.json', Buffer.from('{'));
    await expect(walk.install()).rejects.toMatchObject({ code: 'KATA_INSTALLER_RECORD' });
    const { annotations } = walk.api;
    const before = { ...annotations };

    await expect(look()).rejects.toMatchObject({ code: 'KATA_INSTALLER_RECORD' });

    expect(annotations).toEqual(before);
    expect(walk.api.status).toMatchObject({ phase: 'failed', code: 'KATA_INSTALLER_RECORD' });
  });

  test('a node on which no handler can start a pod is not called installed', async () => {
    const { files } = walk.node.host;
    const environment = { SHIMS_X86_64: 'qemu-snp' };
    await walk.install({ environment });
    const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu-snp/config.d';
    await files.write(
      `${folder}/60-site.toml`,
      Buffer.from('[hypervisor.qemu-snp]\nkernel = "/opt/kata/own"\n'),
    );

    expect(await lookForDrift(await walk.session({ environment }))).toBe(true);

    expect(walk.api.labels).toMatchObject({ [own]: 'false', [shared]: 'false', [statusKey]: 'drifted' });
    expect(walk.api.status).toMatchObject({ phase: 'drifted', code: 'KATA_DEPLOY_NOT_SERVED' });
    await files.write('/opt/kata/own', Buffer.from('a kernel'));
    expect(await lookForDrift(await walk.session({ environment }))).toBe(false);
    expect(walk.api.status).toMatchObject({ phase: 'installed' });
    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
  });

  test('the label that all installations share comes back, too', async () => {
    await walk.install();
    delete walk.api.labels[shared];

    expect(await look()).toBe(false);

    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
  });

  test('what a rollback brought is watched, too', async () => {
    await walk.install({ environment: { SHIMS_X86_64: 'remote' } });
    const { config } = await walk.session();
    const list = `${config.settings.prefix}/state/watch` as const;
    await walk.install({ environment: { SHIMS_X86_64: 'qemu-snp' }, payload: walk.second });
    expect(await text(list)).not.toContain('/runtimes/remote/');

    await rollBackOn(await walk.session({ payload: walk.second }), { output: 'text' });
    expect(await look()).toBe(false);

    expect(await text(list)).toContain('/runtimes/remote/');
  });

  test('labels that pods of another installation need stay, though its handler is not listed', async () => {
    await walk.install();
    const blue = 'kata-deploy.katacontainers.io/blue';
    const handler = 'handler.katacontainers.io/kata-qemu-blue';
    Object.assign(walk.api.labels, { [blue]: 'true', [handler]: 'true' });
    walk.api.pods = [
      {
        metadata: { name: 'lives', namespace: 'default', uid: 'p1' },
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

  test.each([
    ['the link that makes a release active is gone', ['current']],
    ['the record is gone, too', ['current', 'state/ownership.json']],
    ['everything is gone', ['']],
  ])('labels that a pod needs stay when %s; others do not', async (_, gone) => {
    await walk.install();
    const nodeSelector = { 'handler.katacontainers.io/kata-remote': 'true', [own]: 'true' };
    walk.api.pods = [
      {
        metadata: { name: 'lives', namespace: 'default', uid: 'p1' },
        spec: { runtimeClassName: 'kata-remote', nodeSelector },
        status: { phase: 'Running' },
      },
    ];
    const { files } = walk.node.host;
    for (const name of gone) {
      await (name === '' ? files.removeTree('/opt/kata') : files.remove(`/opt/kata/${name}`));
    }

    await look('report');

    expect(handlersOf(walk.api.labels)).toEqual(['kata-remote']);
    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
  });

  test('only reported, it is repaired by whoever says so', async () => {
    await walk.install();
    await rewriteMainFile();
    const session = await walk.session({ environment: { DRIFT: 'report' } });
    await lookForDrift(session);

    expect(await lookForDrift(session, true)).toBe(true);

    expect(await text(mainFile)).toMatch(ourImport);
    expect(walk.api.status).toMatchObject({ phase: 'installed' });
  });

  test('an API server that refuses keeps nobody from repairing', async () => {
    await walk.install();
    await rewriteMainFile();
    walk.api.isAway = true;

    await look().catch(() => undefined);

    expect(await text(mainFile)).toMatch(ourImport);
  });

  test('a node that is set right goes on saying what it was offered and what it can go back to', async () => {
    await walk.install();
    await walk.install({ payload: walk.second });
    const { time: _time, attempt: _attempt, ...said } = walk.api.status;
    expect(said).toMatchObject({ offered: said['current'], previous: expect.stringMatching(/^3\.24\.0-/) });

    await rewriteMainFile();
    await look('report');
    expect(walk.api.status).toMatchObject({ offered: said['offered'], previous: said['previous'] });
    await look();
    expect(walk.api.status).toMatchObject(said);

    delete walk.api.labels[own];
    await look();
    expect(walk.api.status).toMatchObject(said);
  });

  test('labels that a node object lost come back, and that is named', async () => {
    await walk.install();
    for (const key of Object.keys(walk.api.labels)) delete walk.api.labels[key];
    delete walk.api.annotations[statusKey];

    expect(await look()).toBe(false);

    expect(walk.api.events).toEqual(['Installed', 'NodeReturned']);
    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
  });
});

test('issue 12.21: an older version is no upgrade', async () => {
  await walk.install({ payload: walk.second });
  await walk.install();

  expect(walk.api.events).toEqual(['Installed', 'Downgraded']);
});

test('issue 12.21: refused settings are reported, and labels that were there before Kata are taken back', async () => {
  const { api } = walk;
  const handler = 'handler.katacontainers.io/kata-qemu';
  Object.assign(api.labels, { [own]: 'true', [shared]: 'true', [handler]: 'true' });

  await reportRefusedSettings(await walk.session(), new KataError('KATA_CONFIG_INVALID', 'no such shim'));

  expect(api.labels).toEqual({ [own]: 'false', [shared]: 'false' });
  expect(api.status).toMatchObject({ phase: 'failed', code: 'KATA_CONFIG_INVALID', message: 'no such shim' });
  expect(api.events).toEqual(['InstallFailed']);
});
