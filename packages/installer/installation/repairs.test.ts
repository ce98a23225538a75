import { describe, expect, test } from 'vitest';
import { main, mainText, QemuNode, settings } from '../testkit/qemu-node.ts';
import { useQemuPayloads } from '../testkit/qemu-payloads.ts';

const payloads = useQemuPayloads();

describe('a file of the release in force', () => {
  const kernel = '/share/vmlinux';
  const inForce = async (): Promise<{ node: QemuNode; tree: unknown; path: `/${string}` }> => {
    const node = new QemuNode();
    const { release } = await node.installation(settings('qemu')).install(payloads.first);
    return { node, tree: node.tree(), path: `/opt/kata/releases/${release}${kernel}` };
  };

  test('that is gone comes back when it is installed again, and all that was generated stays', async () => {
    const { node, tree, path } = await inForce();
    await node.host.files.remove(path);

    await node.installation(settings('qemu')).install(payloads.first);

    expect(node.tree()).toEqual(tree);
    expect(node.restarts).toBe(1);
  });

  test('that went bad is written anew by a repair, which costs no restart', async () => {
    const { node, tree, path } = await inForce();
    await node.host.files.write(path, Buffer.from('kernel owe'));

    expect((await node.installation(settings('qemu')).install(payloads.first)).plan.actions).toEqual([]);
    await node.installation(settings('qemu')).install(payloads.first, { repairs: true });

    expect(node.tree()).toEqual(tree);
    expect(node.restarts).toBe(1);
    expect(
      (await node.installation(settings('qemu')).install(payloads.first, { repairs: true })).plan.actions,
    ).toEqual([]);
  });
});

describe('issue 12.14: a repair heals', () => {
  const folder = 'share/defaults/kata-containers';

  test.each([
    ['a configuration that is shipped', `${folder}/configuration-qemu.toml`],
    ['one that is generated', `${folder}/runtimes/qemu/configuration-qemu.toml`],
    ['a drop-in of ours', `${folder}/runtimes/qemu/config.d/10-installation-prefix.toml`],
    ['a program', 'bin/containerd-shim-kata-v2'],
  ] as const)('%s', async (_, file) => {
    const node = new QemuNode();
    const { release } = await node.installation(settings('qemu')).install(payloads.first);
    const tree = node.tree();
    const path = `/opt/kata/releases/${release}/${file}` as const;
    const sound = (await node.host.files.read(path))?.toString() ?? '';
    // Of the same size, so that a glance does not see it.
    await node.host.files.write(path, Buffer.from(sound.replace('k', 'K').replace('s', 'S')));

    const { release: again } = await node
      .installation(settings('qemu'))
      .install(payloads.first, { repairs: true });

    expect(again).toBe(release);
    expect(node.tree()).toEqual(tree);
  });

  test('and what was shipped is never read without its digest', async () => {
    const node = new QemuNode();
    const { release } = await node.installation(settings('qemu')).install(payloads.first);
    const path = `/opt/kata/releases/${release}/${folder}/configuration-qemu.toml` as const;
    const sound = (await node.host.files.read(path))?.toString() ?? '';
    await node.host.files.write(path, Buffer.from(sound.replace('vmlinux', 'vmlinuX')));

    // Of its text the configuration of each release is generated, whose id would be another.
    expect((await node.installation(settings('qemu')).planInstall(payloads.first)).actions).toEqual([]);
    const { plan } = await node.installation(settings('qemu', 'clh')).install(payloads.first);
    const changes = plan.actions.flatMap((action) => (action.kind === 'release.write' ? action.changes : []));
    expect(changes.map(({ after }) => after).join('\n')).not.toContain('vmlinuX');
  });
});

test('a sound release in the place of a damaged one stays when what comes after it fails', async () => {
  const node = new QemuNode();
  const { release } = await node.installation(settings('qemu')).install(payloads.first);
  await node.host.files.write(main, Buffer.from(mainText));
  const before = node.tree();
  await node.host.files.remove(`/opt/kata/releases/${release}/share/vmlinux`);
  node.breaksAtRestart = true;

  await expect(node.installation(settings('qemu')).install(payloads.first)).rejects.toThrow(
    'did not start with the new configuration',
  );

  expect(node.tree()).toEqual(before);
});
