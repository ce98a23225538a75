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
  settings = someSettings(['qemu-snp', 'remote']);
  expect(await installed('second')).toEqual([]);
  expect(await node.host.files.list('/opt/kata/releases')).toHaveLength(2);
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

/** Runs `act` when all files of the next release are written in `directory`, before that is renamed. */
function beforeRename(act: (directory: HostPath) => Promise<void>): void {
  const rename = node.host.files.rename.bind(node.host.files);
  vi.spyOn(node.host.files as MemoryFiles, 'rename').mockImplementation(async (from, to) => {
    if (from.endsWith('.new')) await act(from);
    await rename(from, to);
  });
}

test.each(['first', 'second'] as const)(
  'a file whose ctime changes while the %s release is written is read by the next upgrade',
  async (which) => {
    if (which === 'second') await installed('first');
    let touched = 0;
    beforeRename(async (directory) => {
      touched += 1;
      await node.host.files.hardLink(`${directory}/share/vmlinux-1`, `/opt/other-${touched}`);
    });
    await installed(which);
    vi.restoreAllMocks();
    settings = someSettings(['qemu-snp'], { debug: true });

    expect(touched).toBe(1);
    expect(await installed('second')).toEqual(['share/vmlinux-1']);
  },
);

test('a file that is touched while it is read is unpacked, not linked', async () => {
  await installed('first');
  await node.host.files.remove(notes);
  vi.restoreAllMocks();
  const kernel = await placeOf('share/vmlinux-1');
  const digest = node.host.files.digest.bind(node.host.files);
  vi.spyOn(node.host.files as MemoryFiles, 'digest').mockImplementation(async (path) => {
    const found = await digest(path);
    if (path === kernel) await node.host.files.hardLink(kernel, '/opt/other');
    return found;
  });

  await node.installation(settings).install(payloads.second);

  expect((await node.host.files.info(await placeOf('share/vmlinux-1')))?.linkCount).toBe(1);
});

test.each([
  ['a repair', { repairs: true }],
  ['an installation over a damaged release', {}],
])('%s reads all files in spite of the notes', async (_name, options) => {
  await installed('first');
  await installed('second');
  await node.host.files.remove(await placeOf('share/vmlinux-1'));

  expect((await installed('second', options)).length).toBeGreaterThan(2);
});

test('after a boot all linked files are read', async () => {
  await installed('first');
  const written = JSON.parse(String(await node.host.files.read(notes))) as object;
  await node.host.files.write(notes, Buffer.from(JSON.stringify({ ...written, bootId: 'another' })));

  expect((await installed('second')).length).toBeGreaterThan(1);
});

test('notes of another installation are kept, also by the removal', async () => {
  const bootId = await node.host.bootId();
  const note = (prefix: string): object => ({ sha256: 'a', change: 'b', prefix });
  const before = { one: note('/opt/kata-blue'), two: note('/opt/kata') };
  await node.host.files.write(notes, Buffer.from(JSON.stringify({ bootId, files: before })));
  const read = async (): Promise<object> =>
    (JSON.parse(String(await node.host.files.read(notes))) as { readonly files: object }).files;

  await installed('first');

  expect(await read()).toMatchObject({ one: before.one });
  expect(await read()).not.toHaveProperty('two');
  const installation = node.installation(settings);
  await installation.remove(await installation.planRemoval());
  expect(await read()).toEqual({ one: before.one });
});

test('the removal of the only installation removes the notes', async () => {
  await installed('first');
  const installation = node.installation(settings);

  await installation.remove(await installation.planRemoval());

  expect(await node.host.files.read(notes)).toBeUndefined();
});

test('an installation succeeds when the notes cannot be written', async () => {
  node.onChange = ({ path }) => {
    if (path === notes) throw systemError('ENOSPC', 'open', path);
  };

  await installed('first');

  expect(await node.host.files.read(notes)).toBeUndefined();
});

test('a run that only has to end the journal of a killed one reads the node again', async () => {
  node.onChange = ({ operation, path }) => {
    if (operation === 'remove' && path.endsWith('/journal.json')) throw new Error('killed');
  };
  await expect(installed('first')).rejects.toThrow('killed');
  node.onChange = undefined;

  const { plan, after } = await node.installation(settings).install(payloads.first);

  expect([plan.actions, after.unfinished]).toEqual([[], undefined]);
});
