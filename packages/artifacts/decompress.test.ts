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

test('consecutive frames are read to the last byte, whatever the size of the pieces', () => {
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
  { what: 'truncated', bytes: frame.subarray(0, -1) },
  { what: 'truncated in its second frame', bytes: Buffer.concat([frame, frame.subarray(0, 20)]) },
  { what: 'followed by other bytes', bytes: Buffer.concat([frame, Buffer.from('something')]) },
  { what: 'not zstd', bytes: Buffer.from('something else') },
])('an archive that is $what is an error', ({ bytes }) => {
  expect(() => whole(decompress(inPieces(bytes, 1000)))).toThrow();
});

test('an error of the source reaches the reader', () => {
  function* failing(): Generator<Uint8Array> {
    yield frame.subarray(0, 20);
    throw new Error('no disk');
  }

  expect(() => whole(decompress(failing()))).toThrow('no disk');
});

test.each([
  { how: 'stops early', bytes: frame },
  { how: 'finds it damaged', bytes: Buffer.concat([frame, Buffer.from('something')]) },
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
