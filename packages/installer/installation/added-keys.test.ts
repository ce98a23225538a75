/** An administrator adds keys to one of our handlers in the engine's files. */
import type { HostPath } from '@kata/host';
import { expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const both = someSettings(['qemu-snp', 'remote']);
const remote = someSettings(['remote']);
const sandbox = '/run/vc/sbs/0123456789abcdef';
const main: HostPath = '/etc/containerd/config.toml';
const dropIn: HostPath = '/opt/kata/containerd/config.d/kata-deploy.toml';
const keys = '\nbase_runtime_spec = "/etc/containerd/base.json" # by ops\nsnapshotter = "overlayfs"\n';

const payloads = usePayloads();

async function textAt(node: MemoryNode, path: HostPath): Promise<string> {
  return (await node.host.files.read(path))?.toString() ?? '';
}

/** Below the header of the handler's table. */
async function addKeys(node: MemoryNode, path: HostPath, handler: string): Promise<void> {
  const text = await textAt(node, path);
  const edited = text.replace(new RegExp(`^(\\[.*\\.runtimes\\.${handler}\\].*)\n`, 'm'), `$1${keys}`);
  expect(edited).not.toBe(text);
  await node.host.files.write(path, Buffer.from(edited));
}

test.each([
  ['1.6.20', main],
  ['1.7.30', main],
  ['2.2.1', dropIn],
  ['2.4.2', dropIn],
])('on containerd %s they stay in %s until the removal', async (version, path) => {
  const node = await MemoryNode.start({ ...usualMachine, version });
  const before = node.tree();
  await node.installation(both).install(payloads.first);
  await addKeys(node, path, 'kata-remote');

  // Each of them edits the file, or nothing at all.
  for (const [settings, payload] of [
    [both, payloads.first],
    [remote, payloads.first],
    [someSettings(['remote'], { debug: true }), payloads.first],
    [both, payloads.first],
    [both, payloads.second],
    [remote, payloads.second],
  ] as const) {
    await node.installation(settings).install(payload);

    expect(await textAt(node, path)).toContain(keys);
    expect((await node.installation(settings).planInstall(payload)).actions).toEqual([]);
    const { findings } = await node.verify(settings);
    expect(findings.filter(({ area, state }) => area === 'engine' && state === 'problem')).toEqual([]);
  }
  await node.installation(remote).rollback();
  expect(await textAt(node, path)).toContain(keys);

  await node.remove(remote);
  expect(node.tree()).toEqual(before);
});

test.each([
  ['1.7.30', main],
  ['2.2.1', dropIn],
])(
  'on containerd %s they stay in a handler that is retained for running sandboxes',
  async (version, path) => {
    const node = await MemoryNode.start({ ...usualMachine, version });
    const before = node.tree();
    await node.installation(both).install(payloads.first);
    await addKeys(node, path, 'kata-qemu-snp');
    node.host.files.seed(sandbox, { directory: true });

    for (const payload of [payloads.first, payloads.second]) {
      for (const debug of [true, false]) {
        const settings = someSettings(['remote'], { debug });
        await node.installation(settings).install(payload);

        expect(await textAt(node, path)).toContain(keys);
        expect((await node.installation(settings).planInstall(payload)).actions).toEqual([]);
      }
    }
    await node.host.files.removeTree(sandbox);
    await node.installation(remote).install(payloads.second);
    expect(await textAt(node, path)).not.toContain(keys);

    await node.remove(remote);
    expect(node.tree()).toEqual(before);
  },
);
