/** issue 12.2, 12.3 and 12.4: the program that a restart would start checks the configuration before the first change. */
import { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const both = someSettings(['qemu-snp', 'remote']);
const neighbour: HostPath = '/etc/containerd/conf.d/99-gpu.toml';
const main: HostPath = '/etc/containerd/config.toml';
const bomb = '[plugins."io.containerd.gc.v1.scheduler"]\n  pause_threshold = "high"\n';

const payloads = usePayloads();

/** A foreign drop-in has a value that only the engine's own decoder refuses. */
async function bombed(): Promise<MemoryNode> {
  const files = { [main]: 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n', [neighbour]: bomb };
  const node = await MemoryNode.start({ ...usualMachine, files });
  node.refuses = 'pause_threshold';
  return node;
}

const leftOver = (node: MemoryNode): readonly string[] =>
  Object.keys(node.host.files.snapshot('/run/kata-deploy')).filter((path) => path.includes('/loader/'));

test.each(['install', 'plan'] as const)(
  '%s: a configuration that the loader refuses is refused before any change, with its error',
  async (command) => {
    const node = await bombed();
    const before = node.tree();
    const installation = node.installation(both);

    const run =
      command === 'install' ? installation.install(payloads.first) : installation.planInstall(payloads.first);

    await expect(run).rejects.toMatchObject({
      code: 'KATA_ENGINE_LOADER',
      message:
        'containerd 2.2.1, which a restart of containerd.service would start, refuses its configuration: toml: cannot decode pause_threshold',
      exitCode: 3,
    });
    expect([node.tree(), node.host.units.restarts, leftOver(node)]).toEqual([before, [], []]);
  },
);

test('a removal is refused in the same way, and nothing is deleted', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  const before = node.tree();
  node.refuses = 'version';

  await expect(node.installation(both).planRemoval()).rejects.toMatchObject({ code: 'KATA_ENGINE_LOADER' });
  expect(node.tree()).toEqual(before);
});

test('a requested restart is refused in the same way, and its plan names the files that it activates', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  const text = (await node.host.files.read(main))?.toString() ?? '';
  node.host.files.seed(main, `${text}# by another tool\n`);
  const { notes } = await node.installation(both).planRestart();
  node.refuses = 'version';
  const restarts = [...node.host.units.restarts];

  await expect(node.installation(both).restartEngine()).rejects.toMatchObject({ code: 'KATA_ENGINE_LOADER' });

  expect(notes).toEqual([expect.stringContaining(main)]);
  expect(node.host.units.restarts).toEqual(restarts);
});

test('the loader reads the files as they will be, as copies in a folder of its own', async () => {
  const node = await MemoryNode.start(usualMachine);
  const queries: string[] = [];
  let seen: readonly string[] = [];
  node.onQuery = ({ arguments: words }) => {
    queries.push(words.join(' '));
    seen = Object.values(node.host.files.snapshot('/run/kata-deploy/loader'));
  };

  await node.installation(both).install(payloads.first);

  expect(queries).toEqual(['--version', '--config /run/kata-deploy/loader/0.toml config dump']);
  expect(seen.join('\n')).toContain('kata-remote');
  expect(seen.join('\n')).toContain('imports = ["/run/kata-deploy/loader/1.toml"]');
});

test('a run without a restart does not run the loader', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  const queries: string[] = [];
  node.onQuery = ({ arguments: words }) => queries.push(words.join(' '));

  const { plan } = await node.installation(both).install(payloads.first);

  expect([plan.actions, queries]).toEqual([[], []]);
});

describe('without an answer of the loader, our own check decides, and the plan notes it', () => {
  const note =
    'containerd 2.2.1 could not check its new configuration before the restart; only kata-deploy checked it';

  test('when systemd does not run it', async () => {
    const node = await MemoryNode.start(usualMachine);
    node.onQuery = ({ unit }) => {
      throw new KataError('KATA_HOST_UNIT', `cannot run ${unit}: timeout`);
    };

    const { plan } = await node.installation(both).install(payloads.first);

    expect(plan.notes).toEqual([`${note}: cannot run kata-deploy-loader.service: timeout`]);
    expect([node.served(), leftOver(node)]).toEqual([expect.stringContaining('kata-remote'), []]);
  });

  test('when the unit starts another program', async () => {
    const node = await MemoryNode.start(usualMachine);
    node.diskVersion = 'another';

    const { notes } = await node.installation(both).planInstall(payloads.first);

    expect(notes).toEqual([
      `${note}: the program that containerd.service starts does not report a version of containerd`,
    ]);
  });

  test('when /run of the host is not mounted', async () => {
    const node = await MemoryNode.start(usualMachine);
    node.host.unmounted = ['/run'];

    const { notes } = await node.installation(both).planInstall(payloads.first);

    expect(notes).toEqual([`${note}: /run/kata-deploy of the host is not mounted into this container`]);
  });

  test('and our own check still refuses a wrong type', async () => {
    const node = await bombed();
    const text =
      '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.gpu]\nprivileged_without_host_devices = "yes"\n';
    node.host.files.seed(neighbour, text);
    node.host.unmounted = ['/run'];

    await expect(node.installation(both).planInstall(payloads.first)).rejects.toMatchObject({
      code: 'KATA_ENGINE_CONFIG_TYPE',
    });
  });
});

test('left-overs of a run that was killed during the check are removed by the next run', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  node.host.files.seed('/run/kata-deploy/loader/0.toml', 'version = 2\n');

  await node.installation(both).install(payloads.first);

  expect(leftOver(node)).toEqual([]);
});

describe('when the program on disk is newer than the running one', () => {
  test('the plan is for the newer one, in one run', async () => {
    const node = await MemoryNode.start({ ...usualMachine, version: '1.7.30' });
    node.diskVersion = '2.2.1';

    const { plan } = await node.installation(both).install(payloads.first);

    expect(plan.notes).toEqual([
      'containerd 2.2.1 is installed and 1.7.30 is running: the restart also changes the version',
    ]);
    expect(node.host.units.restarts).toHaveLength(1);
    expect(node.tree()['/opt/kata/containerd/config.d/kata-deploy.toml']).toContain('kata-remote');
    expect((await node.installation(both).planInstall(payloads.first)).actions).toEqual([]);
  });

  test('a configuration that only the running one refuses is accepted', async () => {
    const files = { [main]: 'version = 4\n' };
    const node = await MemoryNode.start({ ...usualMachine, version: '2.2.1', files });
    node.diskVersion = '2.4.2';

    await node.installation(both).install(payloads.first);

    expect(node.served()).toContain('kata-remote');
  });

  test('files that are correct for it are not changed, although an older one is running again', async () => {
    const node = await MemoryNode.start({ ...usualMachine, version: '1.7.30' });
    node.diskVersion = '2.2.1';
    const { release } = await node.installation(both).install(payloads.first);
    node.diskVersion = '1.7.30';
    await node.restartByOthers();
    node.diskVersion = '2.2.1';
    const before = node.tree();

    const { plan } = await node.installation(both).install(payloads.first);
    await node.installation(both).rollback(release);

    expect([plan.actions, node.tree()]).toEqual([[], before]);
  });
});
