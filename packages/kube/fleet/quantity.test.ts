import { expect, test } from 'vitest';
import { formatQuantity, parseQuantity } from './quantity.ts';

const unit = 10n ** 9n;

test.each<[string, bigint | undefined]>([
  ['0', 0n],
  ['2', 2n * unit],
  ['500m', unit / 2n],
  ['1.5', (3n * unit) / 2n],
  ['.5', unit / 2n],
  ['1.', unit],
  ['250u', 250_000n],
  ['3n', 3n],
  ['64Mi', 64n * 2n ** 20n * unit],
  ['0.5Gi', 2n ** 29n * unit],
  ['129M', 129_000_000n * unit],
  ['1E', 10n ** 18n * unit],
  ['1e3', 1000n * unit],
  ['12E-1', (12n * unit) / 10n],
  ['-1', -unit],
  ['', undefined],
  ['.', undefined],
  ['1 Gi', undefined],
  ['1KiB', undefined],
])('%s', (text, value) => {
  expect(parseQuantity(text)).toBe(value);
});

test.each<[string, string, string, string]>([
  ['cpu', '1500m', '1500m', '1500m'],
  ['cpu', '2000m', '2', '2'],
  ['memory', '100M', '96Mi', '95Mi'],
  ['memory', '1000', '1000', '1000'],
  ['nvidia.com/gpu', '1', '1', '1'],
])('%s %s is shown as %s, or %s', (resource, text, up, down) => {
  const value = parseQuantity(text) ?? 0n;

  expect(formatQuantity(resource, value, 'up')).toBe(up);
  expect(formatQuantity(resource, value, 'down')).toBe(down);
});
