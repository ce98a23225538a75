import { createHash } from 'node:crypto';
import { mkdtempDisposable, readdir, readFile, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LinuxFiles } from './linux-files.ts';
import { digestFile } from './stream-file.ts';

const mebibyte = 2 ** 20;

/** In a reused buffer, as when an archive is unpacked. */
function* pieces(count: number): Generator<Uint8Array> {
  const memory = Buffer.alloc(mebibyte);
  for (let i = 0; i < count; i += 1) yield memory.fill(i);
}

test.each([1, 9])('a stream of %i MiB is written completely, and no file stays open', async (size) => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'stream-test-'));
  const files = new LinuxFiles({ root: directory.path });

  await files.writeStream('/file', pieces(size), 0o640);
  await files.syncTree('/');

  const whole = Buffer.concat(Array.from(pieces(size), (piece) => Buffer.from(piece)));
  expect((await readFile(join(directory.path, 'file'))).equals(whole)).toBe(true);
  expect(await digestFile(join(directory.path, 'file'))).toBe(
    createHash('sha256').update(whole).digest('hex'),
  );
  expect(await openFiles()).not.toContain(join(directory.path, 'file'));
});

test('timers run while a long file is written and read', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'stream-test-'));
  const files = new LinuxFiles({ root: directory.path });
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 1);
  try {
    await files.writeStream('/file', pieces(120), 0o640);
    const whileWriting = ticks;
    await files.digest('/file');

    expect(whileWriting).toBeGreaterThan(0);
    expect(ticks).toBeGreaterThan(whileWriting);
  } finally {
    clearInterval(timer);
  }
});

async function openFiles(): Promise<readonly string[]> {
  const descriptors = await readdir('/proc/self/fd');
  return await Promise.all(
    descriptors.map(async (each) => await readlink(`/proc/self/fd/${each}`).catch(() => '')),
  );
}
