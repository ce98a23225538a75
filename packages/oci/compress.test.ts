import { setImmediate } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compress } from './compress.ts';

/** `pauses`: turns of the event loop before each piece and before the end. */
async function* inPieces(bytes: Uint8Array, size: number, pauses: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    for (let i = 0; i < pauses; i += 1) await setImmediate();
    yield bytes.subarray(at, at + size);
  }
  for (let i = 0; i < pauses; i += 1) await setImmediate();
}

test('the same content gives the same bytes, whatever the size and timing of its pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 3000 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 100, max: 70_000 }),
      fc.integer({ min: 0, max: 3 }),
      async (seed, times, size, pauses) => {
        const content = Buffer.concat(Array.from({ length: times }, () => seed));

        const whole = await buffer(compress([content], 3));

        expect((await buffer(compress(inPieces(content, size, pauses), 3))).equals(whole)).toBe(true);
        expect(zstdDecompressSync(whole).equals(content)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('an error in the content fails the reader', async () => {
  async function* breaking(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('half');
    await setImmediate();
    throw new Error('no disk');
  }

  await expect(buffer(compress(breaking(), 3))).rejects.toThrow('no disk');
});
