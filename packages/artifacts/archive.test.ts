import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { expect, test } from 'vitest';
import { type ArchiveEntry, readArchive } from './archive.ts';

type Member = Partial<Header> & Pick<Header, 'name'> & { readonly content?: string };

async function makeArchive(path: string, members: readonly Member[]): Promise<void> {
  const archive = pack();
  for (const { content, ...header } of members) {
    if (content === undefined) archive.entry(header);
    else archive.entry(header, content);
  }
  archive.finalize();
  await writeFile(path, zstdCompressSync(await buffer(archive)));
}

async function readMembers(members: readonly Member[]): Promise<readonly (ArchiveEntry | string)[]> {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'archive-test-'));
  const path = join(directory.path, 'kata-static-kernel.tar.zst');
  await makeArchive(path, members);
  const found: (ArchiveEntry | string)[] = [];
  for (const entry of readArchive({ component: 'kernel', path })) {
    if (entry.kind !== 'file') {
      found.push(entry);
      continue;
    }
    const content = Buffer.concat(Array.from(entry.content, (piece) => Buffer.from(piece))).toString();
    found.push(`${entry.path} ${entry.mode.toString(8)} ${entry.size} ${content}`);
  }
  return found;
}

test('entries have the paths and modes with which they are installed', async () => {
  const found = await readMembers([
    { name: './', type: 'directory' },
    { name: './opt/', type: 'directory' },
    { name: './opt/kata/', type: 'directory' },
    { name: './opt/kata/bin/', type: 'directory', mode: 0o2777 },
    { name: './opt/kata/bin/tool', mode: 0o4744, uid: 1000, content: 'tool' },
    { name: './opt/kata/bin/same', type: 'link', linkname: './opt/kata/bin/tool' },
    { name: './opt/kata/libexec/daemon', mode: 0o6766, content: 'daemon' },
    { name: './opt/kata/share/latest', type: 'symlink', linkname: '/opt/kata/share/a/b' },
    { name: './usr/bin/elsewhere', content: 'skipped' },
    { name: './opt/kata/share/empty', mode: 0o600, content: '' },
  ]);

  expect(found).toEqual([
    { kind: 'directory', path: 'bin', mode: 0o775 },
    'bin/tool 755 4 tool',
    { kind: 'hardLink', path: 'bin/same', target: 'bin/tool' },
    'libexec/daemon 764 6 daemon',
    { kind: 'link', path: 'share/latest', target: 'a/b' },
    'share/empty 600 0 ',
  ]);
});

test.each<{ what: string; members: readonly Member[]; message: string }>([
  {
    what: 'an absolute path',
    members: [{ name: '/opt/kata/x', content: '' }],
    message: '/opt/kata/x is refused: its path is absolute',
  },
  {
    what: 'a path with ".."',
    members: [{ name: 'opt/kata/../../etc/cron.d/x', content: '' }],
    message: 'opt/kata/../../etc/cron.d/x is refused: its path contains ".."',
  },
  {
    what: 'a device',
    members: [{ name: 'opt/kata/null', type: 'character-device', devmajor: 1, devminor: 3 }],
    message: 'null is refused: it is not a file, link or directory (character-device)',
  },
  {
    what: 'a block device',
    members: [{ name: 'opt/kata/sda', type: 'block-device', devmajor: 8, devminor: 0 }],
    message: 'sda is refused: it is not a file, link or directory (block-device)',
  },
  {
    what: 'a fifo',
    members: [{ name: 'opt/kata/pipe', type: 'fifo' }],
    message: 'pipe is refused: it is not a file, link or directory (fifo)',
  },
  {
    what: 'an absolute link out of the installation',
    members: [{ name: 'opt/kata/x', type: 'symlink', linkname: '/etc' }],
    message: 'x is refused: it is a link out of the installation (/etc)',
  },
  {
    what: 'a link with ".." out of the installation',
    members: [{ name: 'opt/kata/share/x', type: 'symlink', linkname: '../../../etc' }],
    message: 'share/x is refused: it is a link out of the installation (../../../etc)',
  },
  {
    what: 'a hard link out of the installation',
    members: [{ name: 'opt/kata/x', type: 'link', linkname: 'etc/shadow' }],
    message: 'x is refused: it is a hard link out of the installation (etc/shadow)',
  },
  {
    what: 'a hard link to a missing file',
    members: [{ name: 'opt/kata/x', type: 'link', linkname: 'opt/kata/y' }],
    message: 'x is refused: it is a hard link to y, which is not an earlier file of the archive',
  },
  {
    what: 'a hard link to a link',
    members: [
      { name: 'opt/kata/y', type: 'symlink', linkname: 'z' },
      { name: 'opt/kata/x', type: 'link', linkname: 'opt/kata/y' },
    ],
    message: 'x is refused: it is a hard link to y, which is not an earlier file of the archive',
  },
  {
    what: 'a duplicate file',
    members: [
      { name: 'opt/kata/x', content: '1' },
      { name: './opt/kata//x', content: '2' },
    ],
    message: 'x is refused: it occurs twice in the archive',
  },
  {
    what: 'our own manifest',
    members: [{ name: 'opt/kata/manifest.json', content: '{}' }],
    message: 'opt/kata/manifest.json is refused: the path is reserved for the manifest of the release',
  },
])('$what is refused', async ({ members, message }) => {
  await expect(readMembers([{ name: 'opt/kata/before', content: '' }, ...members])).rejects.toMatchObject({
    code: 'KATA_PAYLOAD_ENTRY_REFUSED',
    message: `component kernel: ${message}`,
    details: { component: 'kernel' },
  });
});
