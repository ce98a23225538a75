/** Stale and missing labels, on an in-memory node with a fake API server. */
import { describe, expect, test } from 'vitest';
import { readInstallationStatus } from './installation-status.ts';
import { lookForDrift } from './look-for-drift.ts';
import { useWalk } from './testkit/use-walk.ts';

const statusKey = 'katacontainers.io/kata-deploy-status';
const own = 'kata-deploy.katacontainers.io/default';
const shared = 'katacontainers.io/kata-runtime';
const walk = useWalk();

const handlersOf = (labels: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(labels)
    .filter((key) => key.startsWith('handler.katacontainers.io/'))
    .map((key) => key.slice('handler.katacontainers.io/'.length))
    .toSorted();

const look = async (drift = 'repair'): Promise<boolean> =>
  await lookForDrift(await walk.context({ environment: { DRIFT: drift } }));

describe('issue 12.21: drift', () => {
  test.each(['/opt/kata/bin', '/opt/kata/current', '/opt/kata'] as const)(
    'with DRIFT=report and without %s, no handler counts as served, although the engine still lists them',
    async (path) => {
      await walk.install();
      const { files } = walk.node.host;
      await (path === '/opt/kata' ? files.removeTree(path) : files.remove(path));

      await look('report');

      expect(handlersOf(walk.api.labels)).toEqual([]);
      expect(walk.api.labels).toMatchObject({ [own]: 'false', [shared]: 'false' });
      const { handlers } = await readInstallationStatus(await walk.context());
      expect(handlers.filter(({ served }) => served !== false)).toEqual([]);
    },
  );

  test('a truncated file of the release, which only a payload can repair, costs its handlers their labels', async () => {
    await walk.install();
    const [release = ''] = await walk.node.host.files.list('/opt/kata/releases');
    await walk.node.host.files.write(`/opt/kata/releases/${release}/bin/qemu-snp`, Buffer.from('x'));

    expect(await look()).toBe(true);

    expect(walk.api.status).toMatchObject({ phase: 'drifted', code: 'KATA_ROLLBACK_DAMAGED' });
    expect(handlersOf(walk.api.labels)).toEqual(['kata-remote']);
  });

  test('a missing file that only an administrator configured is no drift, but its handler is not served', async () => {
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

  test('after everything was deleted, the label of a retained handler stays while a pod needs it', async () => {
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
        metadata: { name: 'running', namespace: 'default', uid: 'p1' },
        spec: { runtimeClassName: 'kata-qemu-snp', nodeSelector },
        status: { phase: 'Running' },
      },
    ];

    await lookForDrift(await walk.context({ environment }));
    expect(handlersOf(walk.api.labels)).toEqual(['kata-qemu-snp']);

    walk.api.pods = [];
    await lookForDrift(await walk.context({ environment }));
    expect(handlersOf(walk.api.labels)).toEqual([]);
  });

  test('labels of another installation stay, although this one does not see its files', async () => {
    const others = {
      'kata-deploy.katacontainers.io/blue': 'true',
      'handler.katacontainers.io/kata-qemu-blue': 'true',
    };
    await walk.install();
    Object.assign(walk.api.labels, others);
    await walk.node.host.files.removeTree('/opt/kata');
    const context = await walk.context();
    const servedHandlers = async (): Promise<readonly string[]> => ['kata-qemu-blue'];

    await lookForDrift({ ...context, engine: { ...context.engine, servedHandlers } });

    expect(walk.api.labels).toMatchObject({ ...others, [own]: 'false', [shared]: 'true' });
  });

  test('a node on which no handler can start a pod does not report that it is installed', async () => {
    const { files } = walk.node.host;
    const environment = { SHIMS_X86_64: 'qemu-snp' };
    await walk.install({ environment });
    const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu-snp/config.d';
    await files.write(
      `${folder}/60-site.toml`,
      Buffer.from('[hypervisor.qemu-snp]\nkernel = "/opt/kata/own"\n'),
    );

    expect(await lookForDrift(await walk.context({ environment }))).toBe(true);

    expect(walk.api.labels).toMatchObject({ [own]: 'false', [shared]: 'false', [statusKey]: 'drifted' });
    expect(walk.api.status).toMatchObject({ phase: 'drifted', code: 'KATA_DEPLOY_NOT_SERVED' });
    await files.write('/opt/kata/own', Buffer.from('a kernel'));
    expect(await lookForDrift(await walk.context({ environment }))).toBe(false);
    expect(walk.api.status).toMatchObject({ phase: 'installed' });
    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
  });

  test('the label that all installations share is restored, too', async () => {
    await walk.install();
    delete walk.api.labels[shared];

    expect(await look()).toBe(false);

    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
  });

  test.each([
    ['the link to the active release is gone', ['current']],
    ['the record is gone, too', ['current', 'state/ownership.json']],
    ['everything is gone', ['']],
  ])('only labels that a pod needs stay when %s', async (_, gone) => {
    await walk.install();
    const nodeSelector = { 'handler.katacontainers.io/kata-remote': 'true', [own]: 'true' };
    walk.api.pods = [
      {
        metadata: { name: 'running', namespace: 'default', uid: 'p1' },
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

  test('labels of a recreated Node object are restored, with an Event', async () => {
    await walk.install();
    for (const key of Object.keys(walk.api.labels)) delete walk.api.labels[key];
    delete walk.api.annotations[statusKey];

    expect(await look()).toBe(false);

    expect(walk.api.events).toEqual(['Installed', 'NodeReturned']);
    expect(walk.api.labels).toMatchObject({ [own]: 'true', [shared]: 'true' });
  });
});
