import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { wavesOf } from './waves.ts';

test('waves keep the order, and all but the last are full', () => {
  expect(wavesOf(['a', 'b', 'c'], 2)).toEqual([['a', 'b'], ['c']]);
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (all, size) => {
      const waves = wavesOf(all, size);
      expect(waves.flat()).toEqual(all);
      expect(waves.slice(0, -1).every((wave) => wave.length === size)).toBe(true);
    }),
  );
});
