import { expect, test } from 'vitest';
import { judge } from './goals.ts';
import { Samples } from './samples.ts';

test('a figure is the median of its samples, its noise their interquartile range', () => {
  const samples = new Samples();
  for (const [a, b] of [
    [1, 1],
    [8, 2],
    [3, 1],
    [4, 1],
    [100, 50],
  ] as const) {
    samples.add({ a, b });
  }

  expect(samples.figure('a')).toEqual({ median: 4, noise: 5 });
  expect(samples.ratio('a', 'b')).toEqual({ median: 3, noise: 2 });
  expect(() => samples.figure('c')).toThrow('no samples of "c"');
});

test.each([
  { median: 9, noise: 0, met: 'yes' },
  { median: 10, noise: 0, met: 'yes' },
  { median: 11, noise: 1, met: 'within noise' },
  { median: 11, noise: 0.9, met: 'NO' },
  { median: Number.NaN, noise: 0, met: 'NO' },
])('$median with a noise of $noise against a goal of 10: $met', ({ median, noise, met }) => {
  expect(judge({ median, noise }, 10)).toBe(met);
});
