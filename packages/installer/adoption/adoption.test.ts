import { readManifest, verifyRelease } from '@kata/artifacts';
import { describe, expect, test } from 'vitest';
import { readRecord } from '../state/record.ts';
import { MemoryNode } from '../testkit/memory-node.ts';
import { randomNumbers } from '../testkit/random-choice.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { existingConfiguration, upstreamMain, upstreamNode } from '../testkit/upstream-node.ts';
import { usePayloads } from '../testkit/use-payloads.ts';
import { both, install, leaveKilledAdoptions, planText, remove } from '../testkit/adopting.ts';

const sandbox = '/run/vc/sbs/0123456789abcdef';

const payloads = usePayloads();

test.each(['2.2', '1.7', '1.6'] as const)('the plan for a node with containerd %s', async (name) => {
  const node = await MemoryNode.start(upstreamNode(name));
  const before = node.tree();

  await expect(await planText(node, payloads.first)).toMatchFileSnapshot(`plans/containerd-${name}.txt`);

  expect(node.tree()).toEqual(before);
});

test('a removal before the adoption does not change the other installation, and notes how to remove it', async () => {
  const node = await MemoryNode.start(upstreamNode('2.2'));
  const before = node.tree();
  const installation = node.installation(both);

  const removal = await installation.planRemoval();
  await installation.remove(removal);

  expect(node.tree()).toEqual(before);
  expect(removal.plan.notes).toEqual([
    'kata-deploy has installed nothing here; another installer set up kata-remote, kata-clh, which are not removed: to remove them, run "kata-deploy install", which adopts them, then "kata-deploy cleanup"',
  ]);
});

describe.each(['2.2', '1.7', '1.6'] as const)('a node with containerd %s', (name) => {
  test('has the adopted tree as the rollback target, which shares files with the new release', async () => {
    const node = await MemoryNode.start(upstreamNode(name));

    const release = await install(node, payloads.first);

    const record = await readRecord(node.host, '/opt/kata');
    const adopted = record?.previous ?? '';
    expect(adopted).toMatch(name === '1.6' ? /^3\.1\.0-[0-9a-f]{8}$/ : /^3\.23\.0-[0-9a-f]{8}$/);
    expect(record?.current).toBe(release);
    const store = { files: node.host.files, prefix: '/opt/kata' } as const;
    expect(await verifyRelease(store, adopted)).toEqual([]);
    expect(
      (await readManifest(store, adopted))?.entries.find(({ path }) => path === 'share/vmlinux'),
    ).toEqual({ kind: 'link', path: 'share/vmlinux', target: 'vmlinux-1', component: 'adopted' });
    expect((await node.host.files.info(`/opt/kata/releases/${adopted}/share/vmlinux-1`))?.linkCount).toBe(2);
    expect((await node.installation(both).planInstall(payloads.first)).actions).toEqual([]);
    expect(node.host.units.restarts).toHaveLength(1);
  });

  test('has no trace of Kata after the removal', async () => {
    const node = await MemoryNode.start(upstreamNode(name));
    await install(node, payloads.first);

    await remove(node);

    const files = { [upstreamMain]: { content: existingConfiguration, mode: 0o640 } } as const;
    const bare = await MemoryNode.start({ name: 'bare', version: '2.2.1', files });
    bare.host.files.seed('/opt/cni/bin', { directory: true });
    if (name === '1.6') bare.host.files.seed('/usr/local/bin', { directory: true });
    const left = { ...node.tree() };
    if (name === '2.2') left[upstreamMain] = left[upstreamMain]?.replace('imports = []\n', '') ?? '';
    expect(left).toEqual(bare.tree());
    expect(node.served()).toBe('');
  });

  test('is unchanged when the last edit fails', async () => {
    const node = await MemoryNode.start(upstreamNode(name));
    const before = node.tree();
    const served = node.served();
    let edits = 0;
    node.onStep = ({ call, path }) => {
      if (call === 'rename' && /(config|kata-deploy)\.toml$/.test(path)) edits += 1;
      // Dropped handlers are removed before the switch, new ones are added after it.
      if (edits === 2 && path.endsWith('.toml') && call === 'rename') throw new Error('broken');
    };

    const installing = install(node, payloads.first, someSettings(['qemu-snp']));

    await expect(installing).rejects.toThrow('broken');
    expect(node.tree()).toEqual(before);
    expect(node.served()).toBe(served);
  });

  test('can be rolled back to', async () => {
    const node = await MemoryNode.start(upstreamNode(name));
    const before = node.served();
    await install(node, payloads.first);
    const after = node.served();

    await node.installation(both).rollback();

    expect(node.served()).toBe(before);
    await install(node, payloads.first);
    expect(node.served()).toBe(after);
    await remove(node);
    expect(await node.host.files.list('/opt')).toEqual(['cni']);
  });

  test('is adopted in stages, too', async () => {
    const [whole, staged] = [
      await MemoryNode.start(upstreamNode(name)),
      await MemoryNode.start(upstreamNode(name)),
    ];
    const { files } = staged.host;
    const before = staged.served();
    await install(whole, payloads.first);

    await staged.installation(both).installStage(payloads.first, 'artifacts');
    await staged.checkEngine();
    expect(staged.served()).toBe(before);
    await expect(staged.installation(both).rollback()).rejects.toThrow('adoption');
    await staged.installation(both).installStage(payloads.first, 'cri');

    expect(staged.served()).toBe(whole.served());
    expect(staged.tree()).toEqual(whole.tree());
    expect((await files.list('/opt/kata')).filter((each) => each.endsWith('.kata-former'))).toEqual([]);
  });

  test('keeps the handlers of running sandboxes until they have ended', async () => {
    const node = await MemoryNode.start(upstreamNode(name));
    node.host.files.seed(sandbox, { directory: true });
    const adopted = async (): Promise<string> => (await readRecord(node.host, '/opt/kata'))?.previous ?? '';

    await install(node, payloads.first);

    expect(node.served().replaceAll(/ by shim [\d.]+/g, '')).toBe('kata-clh, kata-qemu-snp, kata-remote');
    const record = await readRecord(node.host, '/opt/kata');
    expect(record?.sandboxes[await adopted()]?.ids).toEqual(['0123456789abcdef']);
    expect((await node.installation(both).planInstall(payloads.first)).actions).toEqual([]);

    await node.host.files.removeTree(sandbox);
    await install(node, payloads.first);
    expect(node.served().replaceAll(/ by shim [\d.]+/g, '')).toBe('kata-qemu-snp, kata-remote');
    expect((await node.installation(both).planInstall(payloads.first)).actions).toEqual([]);
  });
});

describe('a drop-in with other settings', () => {
  const dropIn = '/opt/kata/containerd/config.d/kata-deploy.toml';
  const debugging = async (): Promise<MemoryNode> => {
    const start = upstreamNode('2.2');
    const text = `${start.files[dropIn] as string}\n[debug]\nlevel = "debug"\n`;
    return await MemoryNode.start({ ...start, files: { ...start.files, [dropIn]: text } });
  };

  test('keeps the other settings while Kata is installed', async () => {
    const node = await debugging();

    await install(node, payloads.first);

    expect((await node.host.files.read(dropIn))?.toString()).toContain('[debug]\nlevel = "debug"\n');
    expect((await node.installation(both).planInstall(payloads.first)).actions).toEqual([]);
  });

  test('is removed with Kata', async () => {
    const node = await debugging();
    await install(node, payloads.first);

    await remove(node);

    expect(await node.host.files.list('/opt')).toEqual(['cni']);
  });
});

// Before every call: `make crash-memory`.
test('killed before any of 40 calls (at random, seed 1), Kata can be removed at once', async () => {
  const begun = await leaveKilledAdoptions(payloads.first, { random: randomNumbers(1), count: 40 });

  expect(begun).toBeGreaterThan(20);
});

test('a file that the other installer created is removed with Kata', async () => {
  const start = upstreamNode('1.7');
  const text = (start.files[upstreamMain] as { readonly content: string }).content;
  const kata = `version = 2\n${text.slice(text.indexOf('\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata-'))}`;
  const { [`${upstreamMain}.bak` as const]: _, ...others } = start.files;
  const files = { ...others, [upstreamMain]: kata, [`${upstreamMain}.kata-deploy-created` as const]: '' };
  const node = await MemoryNode.start({ ...start, files });

  await install(node, payloads.first);
  await remove(node);

  expect(await node.host.files.list('/etc/containerd')).toEqual([]);
});
