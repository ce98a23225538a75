import { buffer } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decompress } from './decompress.ts';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('frames in a row are read to the last byte, however they arrive', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 3000 }),
      async (contents, size) => {
        const archive = Buffer.concat(contents.map((content) => zstdCompressSync(content)));

        const found = await buffer(decompress(inPieces(archive, size)));

        expect(found.equals(Buffer.concat(contents))).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

const frame = zstdCompressSync(Buffer.alloc(300_000, 'abcdefg'));

test.each([
  { what: 'cut off', bytes: frame.subarray(0, -1) },
  { what: 'cut off in its second frame', bytes: Buffer.concat([frame, frame.subarray(0, 20)]) },
  { what: 'followed by something else', bytes: Buffer.concat([frame, Buffer.from('something')]) },
  { what: 'something else', bytes: Buffer.from('something else') },
])('an archive that is $what is an error', async ({ bytes }) => {
  await expect(buffer(decompress(inPieces(bytes, 1000)))).rejects.toThrow();
});

test('a source that fails fails the reader', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield frame.subarray(0, 20);
    throw new Error('no disk');
  }

  await expect(buffer(decompress(failing()))).rejects.toThrow('no disk');
});

test.each([
  { how: 'stops early', bytes: frame },
  { how: 'finds it broken', bytes: Buffer.concat([frame, Buffer.from('something')]) },
])('a source is closed when its reader $how', async ({ bytes }) => {
  let closed = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      yield* inPieces(bytes, 1000);
      yield* inPieces(frame, 1000);
    } finally {
      closed = true;
    }
  }

  try {
    for await (const piece of decompress(source())) if (bytes === frame && piece.length > 0) break;
  } catch {}

  expect(closed).toBe(true);
});
