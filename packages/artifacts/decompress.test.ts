import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decompress } from './decompress.ts';

function* inPieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function whole(pieces: Iterable<Uint8Array>): Buffer {
  return Buffer.concat(Array.from(pieces, (piece) => Buffer.from(piece)));
}

test('frames in a row are read to the last byte, however they arrive', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 4 }),
      fc.integer({ min: 1, max: 3000 }),
      (contents, size) => {
        const archive = Buffer.concat(contents.map((content) => zstdCompressSync(content)));

        const found = whole(decompress(inPieces(archive, size)));

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
])('an archive that is $what is an error', ({ bytes }) => {
  expect(() => whole(decompress(inPieces(bytes, 1000)))).toThrow();
});

test('a source that fails fails the reader', () => {
  function* failing(): Generator<Uint8Array> {
    yield frame.subarray(0, 20);
    throw new Error('no disk');
  }

  expect(() => whole(decompress(failing()))).toThrow('no disk');
});

test.each([
  { how: 'stops early', bytes: frame },
  { how: 'finds it broken', bytes: Buffer.concat([frame, Buffer.from('something')]) },
])('a source is closed when its reader $how', ({ bytes }) => {
  let closed = false;
  function* source(): Generator<Uint8Array> {
    try {
      yield* inPieces(bytes, 1000);
      yield* inPieces(frame, 1000);
    } finally {
      closed = true;
    }
  }

  try {
    for (const piece of decompress(source())) if (bytes === frame && piece.length > 0) break;
  } catch {}

  expect(closed).toBe(true);
});
