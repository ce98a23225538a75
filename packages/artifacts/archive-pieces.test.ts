import { createHash, randomBytes } from 'node:crypto';
import { mkdtempDisposable, readdir, readlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ArchivePieces } from './archive-pieces.ts';

const mebibyte = 2 ** 20;

function sha256(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

test.each([0, 1, mebibyte, mebibyte + 1, 5 * mebibyte - 1])(
  'an archive of %i bytes is read completely, and its digest is that of the digests of its mebibytes',
  async (size) => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'pieces-test-'));
    const path = join(directory.path, 'archive');
    const content = randomBytes(size);
    await writeFile(path, content);
    const pieces = new ArchivePieces(path);

    const found: Buffer[] = [];
    for (const piece of pieces.read()) found.push(Buffer.from(piece));

    expect(Buffer.concat(found).equals(content)).toBe(true);
    const digests = found.map((piece) => sha256(piece));
    expect(found.slice(0, -1).every((piece) => piece.length === mebibyte)).toBe(true);
    const piecesSha256 = sha256(Buffer.concat(digests)).toString('hex');
    expect(pieces.digest()).toEqual({ size, piecesSha256 });
  },
);

test('a reader that stops early leaves no file open', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pieces-test-'));
  const path = join(directory.path, 'archive');
  await writeFile(path, randomBytes(3 * mebibyte));

  for (const piece of new ArchivePieces(path).read()) {
    expect(piece.length).toBe(mebibyte);
    expect(await openFiles()).toContain(path);
    break;
  }

  expect(await openFiles()).not.toContain(path);
});

async function openFiles(): Promise<readonly string[]> {
  const descriptors = await readdir('/proc/self/fd');
  return await Promise.all(
    descriptors.map(async (each) => await readlink(`/proc/self/fd/${each}`).catch(() => '')),
  );
}
