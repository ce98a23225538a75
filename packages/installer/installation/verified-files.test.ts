/** Which files an upgrade links without reading them: decision 0016. */
import { type HostPath, systemError } from '@kata/host';
import type { MemoryFiles } from '@kata/host/memory';
import type { Settings } from '@kata/settings';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const notes = '/run/kata-deploy/verified-files.json';
let settings: Settings;
const payloads = usePayloads();
let node: MemoryNode;

beforeEach(async () => {
  settings = someSettings(['qemu-snp']);
  node = await MemoryNode.start(usualMachine);
  // The folder of the lock.
  await node.host.files.makeDirectory('/run/kata-deploy');
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs the installation; returns which files of releases were read for their digest. */
async function installed(which: 'first' | 'second', options = {}): Promise<readonly string[]> {
  const digest = vi.spyOn(node.host.files as MemoryFiles, 'digest');
  digest.mockClear();
  await node.installation(settings).install(payloads[which], options);
  return digest.mock.calls.map(([path]) => path.replace(/^.*\/releases\/[^/]+\//, ''));
}

/** Path in the active release. */
async function placeOf(name: string): Promise<HostPath> {
  return `/opt/kata/${(await node.host.files.info('/opt/kata/current'))?.target}/${name}`;
}

test('an upgrade reads none of the files that it links, also after a release was removed', async () => {
  expect(await installed('first')).toEqual([]);
  expect(await installed('second')).toEqual([]);
  settings = someSettings(['qemu-snp'], { debug: true });
  expect(await installed('second')).toEqual([]);
  expect(await node.host.files.list('/opt/kata/releases')).toHaveLength(2);
  settings = someSettings(['qemu-snp'], { debug: false });
  expect(await installed('second')).toEqual([]);
});

test('a modified file is read, and is not shared', async () => {
  await installed('first');
  const kernel = await placeOf('share/vmlinux-1');
  const content = await node.host.files.read(kernel);
  await node.host.files.write(kernel, Buffer.alloc(content?.length ?? 0, 'x'));

  expect(await installed('second')).toEqual(['share/vmlinux-1']);

  expect(await node.host.files.read(await placeOf('share/vmlinux-1'))).toEqual(content);
});

test('a file with an additional hard link is read', async () => {
  await installed('first');
  const kernel = await placeOf('share/vmlinux-1');
  await node.host.files.hardLink(kernel, '/opt/other');

  expect(await installed('second')).toEqual(['share/vmlinux-1']);
});

test.each([
  ['no notes', undefined],
  ['notes that were cut off', '{"/opt/ka'],
  ['notes of another shape', '{"/opt/kata/x": 1}'],
])('with %s, all linked files are read', async (_name, text) => {
  await installed('first');
  if (text === undefined) await node.host.files.remove(notes);
  else await node.host.files.write(notes, Buffer.from(text));

  expect((await installed('second')).length).toBeGreaterThan(1);
});

test('a repair reads all files in spite of the notes', async () => {
  await installed('first');
  await installed('second');
  const kernel = await placeOf('share/vmlinux-1');
  await node.host.files.remove(kernel);

  expect((await installed('second', { repairs: true })).length).toBeGreaterThan(2);
});

test('notes of another installation are kept', async () => {
  const note = (prefix: string): object => ({ sha256: 'a', change: 'b', prefix });
  const before = { one: note('/opt/kata-blue'), two: note('/opt/kata') };
  await node.host.files.write(notes, Buffer.from(JSON.stringify(before)));

  await installed('first');

  const after = JSON.parse(String(await node.host.files.read(notes))) as object;
  expect(after).toMatchObject({ one: before.one });
  expect(after).not.toHaveProperty('two');
});

test('an installation succeeds when the notes cannot be written', async () => {
  node.onChange = ({ path }) => {
    if (path === notes) throw systemError('ENOSPC', 'open', path);
  };

  await installed('first');

  expect(await node.host.files.read(notes)).toBeUndefined();
});
