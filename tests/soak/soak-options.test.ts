import { expect, test } from 'vitest';
import { readSoakOptions } from './soak-options.ts';

test('the defaults are an hour, a seed from the time, and two different engines', () => {
  expect(readSoakOptions({ SEED: '', SOAK_MINUTES: '' }, 1_234_567_890)).toMatchObject({
    minutes: 60,
    seed: 567_890,
  });
  for (let now = 0; now < 200; now += 1) {
    const [first, second] = readSoakOptions({}, now).engines;
    expect(first).not.toBe(second);
  }
});

test('the command to repeat a run has the same options', () => {
  const first = readSoakOptions({}, 4_711);
  const words = first.again.split(' ').slice(2);

  expect(readSoakOptions(Object.fromEntries(words.map((word) => word.split('='))), 5)).toEqual(first);
});

test.each([
  { SEED: 'one' },
  { SOAK_MINUTES: '-1' },
  { SOAK_ENGINES: 'containerd-1.7' },
  { SOAK_ENGINES: 'containerd-1.7,crio' },
])('%o is refused', (environment) => {
  expect(() => readSoakOptions(environment, 0)).toThrow(Object.keys(environment)[0]);
});
