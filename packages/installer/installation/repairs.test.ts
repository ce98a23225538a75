import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { useQemuPayloads } from '../testkit/qemu-payloads.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';

const qemu = someSettings(['qemu']);

const payloads = useQemuPayloads();
const main = '/etc/containerd/config.toml';

describe('a file of the active release', () => {
  const kernel = '/share/vmlinux';
  const installed = async (): Promise<{ node: MemoryNode; tree: unknown; path: `/${string}` }> => {
    const node = await MemoryNode.start(usualMachine);
    const { release } = await node.installation(qemu).install(payloads.first);
    return { node, tree: node.tree(), path: `/opt/kata/releases/${release}${kernel}` };
  };

  test('is restored by another installation when it is missing, and generated files stay', async () => {
    const { node, tree, path } = await installed();
    await node.host.files.remove(path);

    await node.installation(qemu).install(payloads.first);

    expect(node.tree()).toEqual(tree);
    expect(node.restarts).toBe(1);
  });

  test('is written again by a repair when it is damaged, without a restart', async () => {
    const { node, tree, path } = await installed();
    await node.host.files.write(path, Buffer.from('kernel owe'));

    expect((await node.installation(qemu).install(payloads.first)).plan.actions).toEqual([]);
    await node.installation(qemu).install(payloads.first, { repairs: true });

    expect(node.tree()).toEqual(tree);
    expect(node.restarts).toBe(1);
    expect((await node.installation(qemu).install(payloads.first, { repairs: true })).plan.actions).toEqual(
      [],
    );
  });
});

test('a release of the store is written again when a payload file of it is damaged, before it becomes active', async () => {
  const node = await MemoryNode.start(usualMachine);
  const { release } = await node.installation(qemu).install(payloads.first);
  const path: `/${string}` = `/opt/kata/releases/${release}/share/vmlinux`;
  const sound = await node.host.files.read(path);
  await node.installation(qemu).install(payloads.second);
  const damaged = Buffer.from(sound ?? '').fill('x');
  await node.host.files.write(path, damaged);

  await node.installation(qemu).install(payloads.first);

  expect(damaged.length).toBeGreaterThan(0);
  expect(await node.host.files.read(path)).toEqual(sound);
});

describe('issue 12.14: a repair restores', () => {
  const folder = 'share/defaults/kata-containers';

  test.each([
    ['a shipped configuration', `${folder}/configuration-qemu.toml`],
    ['a generated configuration', `${folder}/runtimes/qemu/configuration-qemu.toml`],
    ['a drop-in of ours', `${folder}/runtimes/qemu/config.d/10-installation-prefix.toml`],
    ['a program', 'bin/containerd-shim-kata-v2'],
  ] as const)('%s', async (_, file) => {
    const node = await MemoryNode.start(usualMachine);
    const { release } = await node.installation(qemu).install(payloads.first);
    const tree = node.tree();
    const path = `/opt/kata/releases/${release}/${file}` as const;
    const sound = (await node.host.files.read(path))?.toString() ?? '';
    // Of the same size, so that its metadata does not differ.
    await node.host.files.write(path, Buffer.from(sound.replace('k', 'K').replace('s', 'S')));

    const { release: again } = await node.installation(qemu).install(payloads.first, { repairs: true });

    expect(again).toBe(release);
    expect(node.tree()).toEqual(tree);
  });

  test('a damaged shipped configuration is not used to generate another', async () => {
    const node = await MemoryNode.start(usualMachine);
    const { release } = await node.installation(qemu).install(payloads.first);
    const path = `/opt/kata/releases/${release}/${folder}/configuration-qemu.toml` as const;
    const sound = (await node.host.files.read(path))?.toString() ?? '';
    await node.host.files.write(path, Buffer.from(sound.replace('vmlinux', 'vmlinuX')));

    // The configuration of each release is generated from its text, and would change the release id.
    expect((await node.installation(qemu).planInstall(payloads.first)).actions).toEqual([]);
    const { plan } = await node.installation(someSettings(['qemu', 'clh'])).install(payloads.first);
    const changes = plan.actions.flatMap((action) => (action.kind === 'release.write' ? action.changes : []));
    expect(changes.map(({ after }) => after).join('\n')).not.toContain('vmlinuX');
  });
});

test('a repaired release is kept when a later step fails', async () => {
  const node = await MemoryNode.start(usualMachine);
  const { release } = await node.installation(qemu).install(payloads.first);
  node.host.files.seed(main, usualMachine.files[main] ?? '');
  const before = node.tree();
  await node.host.files.remove(`/opt/kata/releases/${release}/share/vmlinux`);
  node.refusesStart = true;

  await expect(node.installation(qemu).install(payloads.first)).rejects.toThrow(
    'failed with the new configuration',
  );

  expect(node.tree()).toEqual(before);
});
