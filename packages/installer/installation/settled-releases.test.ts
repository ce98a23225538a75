/** Issue 12.12: a release is payload and settings. */
import { readFile } from 'node:fs/promises';
import type { HostPath } from '@kata/host';
import type { MemorySeed } from '@kata/host/memory';
import { describe, expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const sandbox = '/run/vc/sbs/0123456789abcdef';
const both = someSettings(['qemu-snp', 'remote']);
const remote = someSettings(['remote']);
const folder = '/opt/kata/share/defaults/kata-containers/runtimes/qemu-snp/config.d';

const payloads = usePayloads();

async function read(node: MemoryNode, path: HostPath): Promise<string | undefined> {
  return (await node.host.files.read(path))?.toString();
}

const kindsOf = (plan: { readonly actions: readonly { readonly kind: string }[] }): readonly string[] =>
  plan.actions.map(({ kind }) => kind);

describe.each([
  ['2.2', '2.2.1'],
  ['1.7', '1.7.30'],
])('a node with releases of schema 1, on containerd %s', (name, version) => {
  const old = { first: '3.24.0-12271be6', second: '3.25.0-28ff8356' };

  async function oldNode(): Promise<MemoryNode> {
    const path = new URL(`fixtures/schema-1/containerd-${name}.json`, import.meta.url);
    const files = JSON.parse(await readFile(path, 'utf8')) as Record<HostPath, MemorySeed>;
    return await MemoryNode.start({ name, version, files });
  }

  test('gets a new release by links, and can be rolled back to the old one under its old id', async () => {
    const node = await oldNode();
    const before = node.served();

    const { release, dropped, plan } = await node.installation(both).install(payloads.second);

    expect(kindsOf(plan).slice(0, 2)).toEqual(['release.write', 'link.set']);
    expect(plan.actions[0]).toMatchObject({ linked: 6, replaces: false });
    expect(dropped).toEqual([]);
    expect(node.served()).toBe(before);
    const { record } = await node.installation(both).readFacts();
    expect([record?.current, record?.previous]).toEqual([release, old.second]);
    const kernel = await node.host.files.info(`/opt/kata/releases/${release}/share/vmlinux-1`);
    expect(kernel?.linkCount).toBeGreaterThan(1);
    expect(await read(node, `${folder}/60-site.toml`)).toBe('[runtime]\nenable_debug = true\n');
    expect((await node.host.files.info(`${folder}/70-site.toml`))?.target).toBe('/etc/site.toml');
  });

  test('keeps the releases of its running sandboxes, and can be rolled back', async () => {
    const node = await oldNode();
    await node.installation(both).install(payloads.second);
    expect(await node.host.files.list('/opt/kata/releases')).toEqual(
      expect.arrayContaining([old.first, old.second]),
    );

    const back = await node.installation(both).rollback();

    expect([back.release, back.handlers.map((handler) => handler.name)]).toEqual([
      old.second,
      ['kata-qemu-snp', 'kata-remote'],
    ]);
    expect(await read(node, '/opt/kata/VERSION')).toBe('3.25.0\n');
    expect((await node.installation(both).rollback(old.first)).version).toBe('3.24.0');
  });

  test('has no trace of Kata after the removal', async () => {
    const node = await oldNode();
    await node.installation(both).install(payloads.second);
    await node.host.files.removeTree(sandbox);

    await node.remove(both);

    const clean = await MemoryNode.start(usualMachine);
    clean.host.files.seed('/etc/site.toml', '[hypervisor.qemu]\ndefault_memory = 3333\n');
    expect(node.tree()).toEqual(clean.tree());
  });
});

describe('other settings under the same payload', () => {
  test('are another release with a shared payload, which one rename activates', async () => {
    const node = await MemoryNode.start(usualMachine);
    const { release: before } = await node.installation(both).install(payloads.first);
    const configuration: HostPath = `/opt/kata/releases/${before}/share/defaults/kata-containers/runtimes/remote/configuration-remote.toml`;
    const text = await read(node, configuration);
    const other = someSettings(['qemu-snp', 'remote'], { debug: true });

    const { release, plan } = await node.installation(other).install(payloads.first);

    expect(release).not.toBe(before);
    expect(kindsOf(plan).filter((kind) => kind === 'link.set')).toEqual(['link.set']);
    expect(
      plan.actions.filter((action) => action.kind === 'file.write' && action.area === 'release'),
    ).toEqual([]);
    expect(await read(node, configuration)).toBe(text);

    const dropIn = '/opt/kata/containerd/config.d/kata-deploy.toml';
    expect(await read(node, dropIn)).toContain('level');

    const back = await node.installation(other).rollback();

    expect(back.release).toBe(before);
    expect(node.served()).toBe('kata-qemu-snp by shim 3.24.0, kata-remote by shim 3.24.0');
    // The engine's configuration is that of the release, whatever the settings are now.
    expect(await read(node, dropIn)).not.toContain('level');
  });

  test('are shown in the plan as changes of generated files', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(both).install(payloads.first);
    const options = new Map(both.options);
    const snp = options.get('qemu-snp');
    if (snp === undefined) throw new Error('there is no shim qemu-snp');
    options.set('qemu-snp', { ...snp, httpsProxy: 'http://proxy:3128' });

    const { actions } = await node.installation({ ...both, options }).planInstall(payloads.first);

    const changes = actions.flatMap((action) => (action.kind === 'release.write' ? action.changes : []));
    expect(changes.map(({ path }) => path.replace(/^.*\/runtimes\//, ''))).toEqual([
      'qemu-snp/config.d/30-kernel-params.toml',
    ]);
    expect(changes[0]?.before).toBeUndefined();
    expect(changes[0]?.after).toContain('http://proxy:3128');
  });

  test('have the same id when offered and installed, on every node', async () => {
    const [one, other] = [await MemoryNode.start(usualMachine), await MemoryNode.start(usualMachine)];
    const { release } = await one.installation(both).install(payloads.first);
    await one.host.files.write(`${folder}/60-site.toml`, Buffer.from('[runtime]\n'));
    const elsewhere = { ...both, nodeMachineId: 'other', healthPort: 1, distribution: 'k3s' };

    expect(await one.installation(both).offeredRelease(payloads.first)).toBe(release);
    expect(await other.installation(elsewhere).offeredRelease(payloads.first)).toBe(release);
    expect(await other.installation(remote).offeredRelease(payloads.first)).not.toBe(release);
  });
});

describe('a handler that is retained for running sandboxes', () => {
  test('keeps the release whose files it names through several switches', async () => {
    const node = await MemoryNode.start(usualMachine);
    const { release: origin } = await node.installation(both).install(payloads.first);
    node.host.files.seed(sandbox, { directory: true });
    await node.installation(remote).install(payloads.first);
    // Another one starts with the retained handler; the first one ends.
    node.host.files.seed('/run/vc/sbs/fedcba9876543210', { directory: true });
    await node.host.files.removeTree(sandbox);
    await node.installation(remote).install(payloads.second);
    await node.installation(remote).prune();

    expect(node.served()).toBe('kata-qemu-snp by shim 3.25.0, kata-remote by shim 3.25.0');
    expect(await node.host.files.list('/opt/kata/releases')).toContain(origin);

    await node.host.files.removeTree('/run/vc/sbs/fedcba9876543210');
    await node.installation(remote).install(payloads.second);
    await node.installation(remote).prune();
    expect(node.served()).toBe('kata-remote by shim 3.25.0');
    expect(await node.host.files.list('/opt/kata/releases')).not.toContain(origin);
  });

  test('keeps its shim when the next release has none of its kind', async () => {
    const rust = someSettings(['qemu-snp-runtime-rs']);
    const node = await MemoryNode.start(usualMachine);
    await node.installation(rust).install(payloads.first);
    node.host.files.seed(sandbox, { directory: true });

    await node.installation(remote).install(payloads.second);

    expect(node.served()).toBe('kata-qemu-snp-runtime-rs by shim 3.24.0, kata-remote by shim 3.25.0');
  });

  test('is not part of the id', async () => {
    const node = await MemoryNode.start(usualMachine);
    await node.installation(both).install(payloads.first);
    node.host.files.seed(sandbox, { directory: true });

    const { release } = await node.installation(remote).install(payloads.first);

    const other = await MemoryNode.start(usualMachine);
    expect((await other.installation(remote).install(payloads.first)).release).toBe(release);
  });
});
