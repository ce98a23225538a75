import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { useQemuPayloads } from '../testkit/qemu-payloads.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';

const qemu = someSettings(['qemu']);

const payloads = useQemuPayloads();

describe('an upgrade', () => {
  test('keeps the old release as the rollback target, and restarts nothing when the shim information is the same', async () => {
    const node = await MemoryNode.start(usualMachine);
    const old = await node.installation(qemu).install(payloads.first);

    const { release } = await node.installation(qemu).install(payloads.second);

    expect(node.restarts).toBe(1);
    expect(await node.host.files.list('/opt/kata/releases')).toEqual([old.release, release].toSorted());
    expect((await node.host.files.read('/opt/kata/VERSION'))?.toString()).toBe('3.25.0\n');
  });

  test.each([
    ['2.2.1', 2],
    ['1.7.30', 1],
  ])(
    'to a shim with other information: containerd %s is restarted %i times in total',
    async (version, restarts) => {
      const node = await MemoryNode.start({ ...usualMachine, version });
      await node.installation(qemu).install(payloads.first);

      await node.installation(qemu).install(await payloads.make('3.25.0', 'kernel', { info: 'other' }));

      expect(node.restarts).toBe(restarts);
    },
  );

  test('restarts the engine also for the shim of a custom runtime', async () => {
    const node = await MemoryNode.start(usualMachine);
    const [base] = qemu.shims;
    if (base === undefined) throw new Error('there is no shim qemu');
    const custom = {
      handler: 'kata-mine',
      base,
      snapshotter: undefined,
      pullType: undefined,
      dropIn: undefined,
    };
    const onlyCustom = someSettings([], { customRuntimes: [custom] });
    await node.installation(onlyCustom).install(payloads.first);

    await node.installation(onlyCustom).install(await payloads.make('3.25.0', 'kernel', { info: 'other' }));

    expect(node.restarts).toBe(2);
  });

  test('removes the release before the previous one, unless a sandbox of it is running', async () => {
    const node = await MemoryNode.start(usualMachine);
    const third = await payloads.make('3.26.0', 'kernel three', { info: 'same' });
    const ids = [];
    ids.push((await node.installation(qemu).install(payloads.first)).release);
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });
    ids.push((await node.installation(qemu).install(payloads.second)).release);

    ids.push((await node.installation(qemu).install(third)).release);
    expect(await node.host.files.list('/opt/kata/releases')).toEqual(ids.toSorted());

    await node.host.files.removeTree('/run/vc/sbs/0123456789abcdef');
    await node.installation(qemu).install(third);
    expect(await node.host.files.list('/opt/kata/releases')).toEqual(ids.slice(1).toSorted());
  });
});

describe('a file of a user in config.d', () => {
  const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu/config.d' as const;
  const mine = `${folder}/60-mine.toml` as const;

  test('is copied to the next release, with its mode, and each release has its own', async () => {
    const node = await MemoryNode.start(usualMachine);
    const { release: old } = await node.installation(qemu).install(payloads.first);
    await node.host.files.write(mine, Buffer.from('# one\n'), { mode: 0o600 });

    await node.installation(qemu).install(payloads.second);
    await node.host.files.write(mine, Buffer.from('# two\n'));

    expect((await node.host.files.info(mine))?.mode).toBe(0o600);
    const before = mine.replace('/opt/kata', `/opt/kata/releases/${old}`) as typeof mine;
    expect((await node.host.files.read(before))?.toString()).toBe('# one\n');
    expect((await node.installation(qemu).planInstall(payloads.second)).actions).toEqual([]);
  });

  test('is copied when a release that was active before is installed again', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(qemu).install(payloads.first);
    await node.installation(qemu).install(payloads.second);
    await node.host.files.write(mine, Buffer.from('# two\n'));

    await node.installation(qemu).install(payloads.first);

    expect((await node.host.files.read(mine))?.toString()).toBe('# two\n');
  });
});
