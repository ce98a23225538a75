import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelValue } from './label-value.ts';

test.each([
  ['rolling-back', 'rolling-back'],
  ['3.25.0-rc1', '3.25.0-rc1'],
  ['3.25.0+build.7', '3.25.0_build.7'],
  ['-x-', 'x'],
  ['', ''],
])('%s becomes %s', (text, value) => {
  expect(labelValue(text)).toBe(value);
});

test('any text becomes a valid value', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
      expect(labelValue(text)).toMatch(/^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/);
    }),
  );
});
