import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { useQemuPayloads } from '../testkit/qemu-payloads.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';

const qemu = someSettings(['qemu']);
const both = someSettings(['qemu', 'clh']);

const payloads = useQemuPayloads();

describe('an installation', () => {
  test('has an empty second plan, and writes and restarts nothing when run again', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(both).install(payloads.first);
    const { tree, changes, restarts } = { tree: node.tree(), changes: node.changes, restarts: node.restarts };

    const again = await node.installation(both).install(payloads.first);

    expect(again.plan.actions).toEqual([]);
    expect({ tree: node.tree(), changes: node.changes, restarts: node.restarts }).toEqual({
      tree,
      changes,
      restarts,
    });
    expect(restarts).toBe(1);
  });

  test.each(['1.6.20', '1.7.30', '2.2.1', '2.4.2'])(
    'and its removal restore the node on %s',
    async (version) => {
      const node = await MemoryNode.start({ ...usualMachine, version });
      const before = node.tree();
      await node.installation(qemu).install(payloads.first);
      expect(node.tree()).not.toEqual(before);

      expect(await node.remove(qemu)).toEqual([]);

      expect(node.tree()).toEqual(before);
    },
  );

  test('names the files of its own release', async () => {
    const node = await MemoryNode.start(usualMachine);

    const { release } = await node.installation(qemu).install(payloads.first);

    const directory = `/opt/kata/releases/${release}`;
    const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu/config.d' as const;
    expect((await node.host.files.read(`${folder}/10-installation-prefix.toml`))?.toString()).toBe(
      `# The files of this release, by their own paths.\n[hypervisor.qemu]\npath = "${directory}/bin/qemu"\nkernel = "${directory}/share/vmlinux"\n`,
    );
  });
});

test('issue 12.1: an installation and its plan are refused before the first change when the disk is too full', async () => {
  const node = await MemoryNode.start(usualMachine, { freeBytes: 1000 });
  const before = node.tree();
  node.host.mount = { point: '/opt', device: '/dev/vdb', options: ['rw'] };
  const refused = {
    code: 'KATA_STORE_SPACE',
    exitCode: 3,
    message: expect.stringMatching(
      /^release 3\.24\.0-[0-9a-f]{8} needs 17 MB below \/opt\/kata, and only 0 MB are free on \/dev\/vdb \(mount \/opt\)$/,
    ) as string,
  };
  const changed: string[] = [];
  node.onChange = ({ path }) => {
    changed.push(path);
  };

  await expect(node.installation(qemu).planInstall(payloads.first)).rejects.toMatchObject(refused);
  await expect(node.installation(qemu).install(payloads.first)).rejects.toMatchObject(refused);

  expect(node.tree()).toEqual(before);
  // Candidates for the engine's loader are in `/run`.
  expect(changed.filter((path) => !path.startsWith('/run/'))).toEqual([]);
});

test('an obsolete drop-in is removed, and a file of a user next to it is kept', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(qemu).install(payloads.first);
  const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu/config.d' as const;
  await node.host.files.write(`${folder}/30-kernel-params.toml`, Buffer.from('# of other settings\n'));
  await node.host.files.write(`${folder}/60-mine.toml`, Buffer.from('# of an administrator\n'));

  const { plan } = await node.installation(qemu).install(payloads.first);

  expect(plan.actions.map((action) => action.kind)).toEqual(['release.write']);
  expect(await node.host.files.list(folder)).toEqual(['10-installation-prefix.toml', '60-mine.toml']);
});

test('our dangling links are removed, and foreign links stay', async () => {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(qemu).install(payloads.first);
  await node.host.files.setLink('/opt/kata/runtime-rs', 'current/runtime-rs');
  await node.host.files.setLink('/opt/kata/notes', 'elsewhere');

  await node.installation(qemu).install(payloads.first);

  const names = await node.host.files.list('/opt/kata');
  expect(names).not.toContain('runtime-rs');
  expect(names).toContain('notes');
});
