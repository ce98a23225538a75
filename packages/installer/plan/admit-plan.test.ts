/** issue 12.2, 12.3 and 12.4: the program that a restart would start is asked before the first change. */
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

/** Its neighbour says what only the engine's own decoder refuses. */
async function bombed(): Promise<MemoryNode> {
  const files = { [main]: 'version = 2\nimports = ["/etc/containerd/conf.d/*.toml"]\n', [neighbour]: bomb };
  const node = await MemoryNode.start({ ...usualMachine, files });
  node.refuses = 'pause_threshold';
  return node;
}

const leftOver = (node: MemoryNode): readonly string[] =>
  Object.keys(node.host.files.snapshot('/run/kata-deploy')).filter((path) => path.includes('/loader/'));

test.each(['install', 'plan'] as const)(
  '%s: what it refuses is refused before any change, in its words',
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

test('a removal is refused, too, with nothing deleted', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  const before = node.tree();
  node.refuses = 'version';

  await expect(node.installation(both).planRemoval()).rejects.toMatchObject({ code: 'KATA_ENGINE_LOADER' });
  expect(node.tree()).toEqual(before);
});

test('a restart that is only asked for is refused, too, and else names what it brings in force', async () => {
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

test('it is asked about the files as they will be, at places where nobody reads them', async () => {
  const node = await MemoryNode.start(usualMachine);
  const asked: string[] = [];
  let seen: readonly string[] = [];
  node.onAsk = ({ arguments: words }) => {
    asked.push(words.join(' '));
    seen = Object.values(node.host.files.snapshot('/run/kata-deploy/loader'));
  };

  await node.installation(both).install(payloads.first);

  expect(asked).toEqual(['--version', '--config /run/kata-deploy/loader/0.toml config dump']);
  expect(seen.join('\n')).toContain('kata-remote');
  expect(seen.join('\n')).toContain('imports = ["/run/kata-deploy/loader/1.toml"]');
});

test('a run that restarts nothing asks nothing', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  const asked: string[] = [];
  node.onAsk = ({ arguments: words }) => asked.push(words.join(' '));

  const { plan } = await node.installation(both).install(payloads.first);

  expect([plan.actions, asked]).toEqual([[], []]);
});

describe('where it cannot be asked, our own reading decides alone and says so', () => {
  const says = 'could not be asked whether it loads its new configuration, so our own reading of it decides';

  test('systemd does not run it', async () => {
    const node = await MemoryNode.start(usualMachine);
    node.onAsk = ({ unit }) => {
      throw new KataError('KATA_HOST_UNIT', `cannot run ${unit}: timeout`);
    };

    const { plan } = await node.installation(both).install(payloads.first);

    expect(plan.notes).toEqual([`containerd 2.2.1 ${says}: cannot run kata-deploy-loader.service: timeout`]);
    expect([node.served(), leftOver(node)]).toEqual([expect.stringContaining('kata-remote'), []]);
  });

  test('what the unit starts is another program', async () => {
    const node = await MemoryNode.start(usualMachine);
    node.diskVersion = 'another';

    const { notes } = await node.installation(both).planInstall(payloads.first);

    expect(notes).toEqual([
      `containerd 2.2.1 ${says}: what starts containerd.service does not answer as containerd does`,
    ]);
  });

  test('nothing of /run is mounted in our pod', async () => {
    const node = await MemoryNode.start(usualMachine);
    node.host.unmounted = ['/run'];

    const { notes } = await node.installation(both).planInstall(payloads.first);

    expect(notes).toEqual([`containerd 2.2.1 ${says}: /run/kata-deploy of the host is not mounted here`]);
  });

  test('our own reading still refuses what it knows', async () => {
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

test('what a run leaves that is killed while it asks goes with the next run, whatever that does', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(both).install(payloads.first);
  node.host.files.seed('/run/kata-deploy/loader/0.toml', 'version = 2\n');

  await node.installation(both).install(payloads.first);

  expect(leftOver(node)).toEqual([]);
});

describe('where the program on disk is newer than the one that runs', () => {
  test('it is planned for, in one run', async () => {
    const node = await MemoryNode.start({ ...usualMachine, version: '1.7.30' });
    node.diskVersion = '2.2.1';

    const { plan } = await node.installation(both).install(payloads.first);

    expect(plan.notes).toEqual([
      'containerd 2.2.1 is on disk and 1.7.30 runs: the restart also changes the version',
    ]);
    expect(node.host.units.restarts).toHaveLength(1);
    expect(node.tree()['/opt/kata/containerd/config.d/kata-deploy.toml']).toContain('kata-remote');
    expect((await node.installation(both).planInstall(payloads.first)).actions).toEqual([]);
  });

  test('what the one that runs would refuse does not matter', async () => {
    const files = { [main]: 'version = 4\n' };
    const node = await MemoryNode.start({ ...usualMachine, version: '2.2.1', files });
    node.diskVersion = '2.4.2';

    await node.installation(both).install(payloads.first);

    expect(node.served()).toContain('kata-remote');
  });

  test('files that are right for it need nothing, though an older one runs again', async () => {
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
