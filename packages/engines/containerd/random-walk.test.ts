import { expect, test } from 'vitest';
import { walkRandomly } from './testkit/random-walk.ts';

test('random installations on random files keep every law and restore every byte', async () => {
  const { documents, steps } = await walkRandomly(140, 1);

  expect(documents).toBeGreaterThan(50);
  expect(steps).toBeGreaterThan(200);
}, 60_000);
