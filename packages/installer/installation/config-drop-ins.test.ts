/** Issue 12.7, case kata-02: files and links that users put into config.d are copied to the next release. */
import type { FileInfo, HostPath } from '@kata/host';
import { describe, expect, test } from 'vitest';
import type { InstallerEvent } from '../apply/events.ts';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const settings = someSettings(['qemu-snp', 'qemu-snp-runtime-rs']);
const defaults = '/opt/kata/share/defaults/kata-containers';
const go = `${defaults}/runtimes/qemu-snp/config.d` as const;
const rust = `${defaults}/runtime-rs/runtimes/qemu-snp-runtime-rs/config.d` as const;
const site = '[hypervisor.qemu]\ndefault_memory = 3333\n';

const payloads = usePayloads();

async function installed(): Promise<MemoryNode> {
  const node = await MemoryNode.start(usualMachine);
  await node.installation(settings).install(payloads.first);
  node.host.files.seed('/etc/site.toml', { content: site, mode: 0o600 });
  return node;
}

async function look(node: MemoryNode, path: HostPath): Promise<[FileInfo | undefined, string | undefined]> {
  return [await node.host.files.info(path), (await node.host.files.read(path))?.toString()];
}

test('issue 12.7: a link in config.d for a handler in Go stays a link', async () => {
  const node = await installed();
  await node.host.files.setLink(`${go}/60-site.toml`, '/etc/site.toml');

  await node.installation(settings).install(payloads.second);

  expect(await look(node, `${go}/60-site.toml`)).toMatchObject([
    { kind: 'link', target: '/etc/site.toml' },
    site,
  ]);
});

test('a link for a handler in Rust, whose loader refuses links, is replaced with its target', async () => {
  const node = await installed();
  await node.host.files.setLink(`${rust}/60-site.toml`, '/etc/site.toml');

  await node.installation(settings).install(payloads.second);

  expect(await look(node, `${rust}/60-site.toml`)).toMatchObject([{ kind: 'file' }, site]);
});

test('a link into a release is replaced with its target, because that release may be removed', async () => {
  const node = await installed();
  const { record } = await node.installation(settings).readFacts();
  const own: HostPath = `/opt/kata/releases/${record?.current ?? ''}/site.toml`;
  node.host.files.seed(own, site);
  await node.host.files.setLink(`${go}/60-site.toml`, own);

  await node.installation(settings).install(payloads.second);

  expect(await look(node, `${go}/60-site.toml`)).toMatchObject([{ kind: 'file' }, site]);
});

test.each([
  ['by a stable path', `${defaults}/site.toml`],
  ['by a relative path', '../../../site.toml'],
])('a link into the active release %s is replaced with its target', async (_, target) => {
  const node = await installed();
  const { record } = await node.installation(settings).readFacts();
  const inside = `${defaults}/site.toml`.slice('/opt/kata/'.length);
  node.host.files.seed(`/opt/kata/releases/${record?.current ?? ''}/${inside}`, site);
  await node.host.files.setLink(`${go}/60-site.toml`, target);
  expect((await look(node, `${go}/60-site.toml`))[1]).toBe(site);

  await node.installation(settings).install(payloads.second);

  expect((await look(node, `${go}/60-site.toml`))[1]).toBe(site);
});

test('a dangling link is kept', async () => {
  const node = await installed();
  for (const folder of [go, rust]) await node.host.files.setLink(`${folder}/60-site.toml`, '/etc/gone.toml');

  await node.installation(settings).install(payloads.second);

  for (const folder of [go, rust]) {
    expect((await node.host.files.info(`${folder}/60-site.toml`))?.target).toBe('/etc/gone.toml');
  }
});

test('bytes, mode, owner and folders are copied, and do not change the release id', async () => {
  const node = await installed();
  const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x0a]);
  await node.host.files.write(`${go}/.60-site.toml.swp`, bytes, { mode: 0o600, uid: 1000, gid: 100 });
  await node.host.files.makeDirectory(`${go}/later`);
  await node.host.files.write(`${go}/later/70.toml`, Buffer.from(site));

  const { release } = await node.installation(settings).install(payloads.second);

  expect(await node.host.files.read(`${go}/.60-site.toml.swp`)).toEqual(bytes);
  expect(await node.host.files.info(`${go}/.60-site.toml.swp`)).toMatchObject({
    mode: 0o600,
    uid: 1000,
    gid: 100,
  });
  expect(await look(node, `${go}/later/70.toml`)).toMatchObject([{ kind: 'file' }, site]);
  const other = await MemoryNode.start(usualMachine);
  expect((await other.installation(settings).install(payloads.second)).release).toBe(release);
});

test('a removed file does not come back with a release that was active before', async () => {
  const node = await installed();
  await node.host.files.write(`${go}/60-site.toml`, Buffer.from(site));
  await node.installation(settings).install(payloads.second);
  await node.host.files.remove(`${go}/60-site.toml`);
  await node.host.files.write(`${go}/70-site.toml`, Buffer.from(site));

  await node.installation(settings).install(payloads.first);

  expect(await node.host.files.list(go)).toEqual(['10-installation-prefix.toml', '70-site.toml']);
});

describe('an edit is kept that is made', () => {
  const edited = site.replace('3333', '4444');
  const inside = `${go}/60-site.toml`.slice('/opt/kata/'.length);

  async function withSite(): Promise<readonly [MemoryNode, string]> {
    const node = await installed();
    await node.host.files.write(`${go}/60-site.toml`, Buffer.from(site));
    const { record } = await node.installation(settings).readFacts();
    return [node, record?.current ?? ''];
  }

  test('while the release is unpacked', async () => {
    const [node, old] = await withSite();
    node.onStep = ({ path }) => {
      if (path.endsWith('.new/VERSION')) node.host.files.seed(`/opt/kata/releases/${old}/${inside}`, edited);
    };

    await node.installation(settings).install(payloads.second);

    expect(await look(node, `${go}/60-site.toml`)).toMatchObject([{ kind: 'file' }, edited]);
  });

  test('after the switch', async () => {
    const [node, old] = await withSite();
    const emit = (event: InstallerEvent): void => {
      if (event.kind !== 'action.started' || event.action.kind !== 'engine.restart') return;
      const releases = Object.keys(node.host.files.snapshot('/opt/kata/releases'));
      const next = releases.find((path) => path.endsWith(inside) && !path.includes(old));
      node.host.files.seed(`/${next?.slice(1) ?? ''}`, edited);
    };

    await node.installation(settings, { emit }).install(payloads.second);

    expect(await look(node, `${go}/60-site.toml`)).toMatchObject([{ kind: 'file' }, edited]);
  });
});
