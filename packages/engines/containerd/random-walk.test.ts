import { expect, test } from 'vitest';
import { walkRandomly } from './random-walk.ts';

test('random installations on random files keep every law and leave every byte', async () => {
  const { documents, turns } = await walkRandomly(210, 1);

  expect(documents).toBeGreaterThan(100);
  expect(turns).toBeGreaterThan(300);
}, 60_000);
