import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { useQemuPayloads } from '../testkit/qemu-payloads.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';

const qemu = someSettings(['qemu']);

const payloads = useQemuPayloads();

describe('running sandboxes', () => {
  test('keep debug handlers and handlers of custom runtimes, with their drop-ins', async () => {
    const node = await MemoryNode.start(usualMachine);
    const [clh] = someSettings(['clh']).shims;
    if (clh === undefined) throw new Error('there is no shim clh');
    const custom = {
      handler: 'kata-mine',
      base: clh,
      snapshotter: undefined,
      pullType: undefined,
      dropIn: '[runtime]\nx = 1\n',
    };
    const wide = someSettings(['qemu'], { debug: true, customRuntimes: [custom] });
    const { release: old } = await node.installation(wide).install(payloads.first);
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });

    const { handlers, dropped } = await node.installation(qemu).install(payloads.second);

    expect(handlers.map(({ name }) => name)).toEqual(['kata-qemu']);
    expect(dropped.map(({ name }) => name)).toEqual(['kata-qemu-debug', 'kata-mine']);
    const overrides =
      '/opt/kata/share/defaults/kata-containers/custom-runtimes/kata-mine/config.d/50-overrides.toml';
    expect((await node.host.files.read(overrides))?.toString()).toBe(custom.dropIn);
    // They keep the files of their original release.
    const own = overrides.replace('50-overrides', '10-installation-prefix') as typeof overrides;
    expect((await node.host.files.read(own))?.toString()).toContain(`/opt/kata/releases/${old}/bin/clh`);

    await node.host.files.removeTree('/run/vc/sbs/0123456789abcdef');
    await node.installation(qemu).install(payloads.second);
    expect(await node.installation(qemu).readFacts()).toMatchObject({
      record: { handlers: [{ name: 'kata-qemu' }] },
      engine: { served: ['kata-qemu'] },
    });
  });

  test('keep a handler of an unknown shim, with its configuration', async () => {
    const node = await MemoryNode.start(usualMachine);
    const [shim] = qemu.shims;
    if (shim === undefined) throw new Error('there is no shim qemu');
    await node.installation({ ...qemu, shims: [shim, { ...shim, name: 'later' }] }).install(payloads.first);
    const path = '/opt/kata/share/defaults/kata-containers/runtimes/later/configuration-later.toml';
    const before = (await node.host.files.read(path))?.toString();
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });

    const { handlers, dropped } = await node.installation(qemu).install(payloads.second);

    expect(handlers.map(({ name }) => name)).toEqual(['kata-qemu']);
    expect(dropped.map(({ name }) => name)).toEqual(['kata-later']);
    expect((await node.host.files.read(path))?.toString()).toBe(before);
    const { engine } = await node.installation(qemu).readFacts();
    expect(engine.served).toEqual(['kata-qemu', 'kata-later']);

    await node.host.files.removeTree('/run/vc/sbs/0123456789abcdef');
    await node.installation(qemu).install(payloads.second);
    expect(await node.installation(qemu).readFacts()).toMatchObject({
      record: { handlers: [{ name: 'kata-qemu' }] },
      engine: { served: ['kata-qemu'] },
    });
  });

  test('keep all files; a removal waits for them', async () => {
    const node = await MemoryNode.start(usualMachine);
    const before = node.tree();
    await node.installation(qemu).install(payloads.first);
    const installed = node.tree();
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });

    expect(await node.remove(qemu)).toEqual(['0123456789abcdef']);
    expect(node.tree()).toEqual(installed);

    await node.host.files.removeTree('/run/vc/sbs/0123456789abcdef');
    expect(await node.remove(qemu)).toEqual([]);
    expect(node.tree()).toEqual(before);
  });

  test('keep a handler that is no longer wanted', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(someSettings(['qemu', 'clh'])).install(payloads.first);
    node.host.files.seed('/run/vc/sbs/0123456789abcdef', { directory: true });

    const { plan } = await node.installation(qemu).install(payloads.first);

    expect(plan.actions.filter((action) => action.kind === 'engine.restart')).toEqual([]);
  });
});
