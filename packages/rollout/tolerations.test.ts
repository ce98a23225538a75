import { expect, test } from 'vitest';
import { type Toleration, tolerates } from './tolerations.ts';

const taint = { key: 'pool', value: 'kata', effect: 'NoSchedule' };

test.each<[Toleration, boolean]>([
  [{ operator: 'Exists' }, true],
  [{ key: 'pool', operator: 'Exists' }, true],
  [{ key: 'pool', operator: 'Exists', effect: 'NoExecute' }, false],
  [{ key: 'pool', operator: 'Exists', effect: 'NoSchedule' }, true],
  [{ key: 'pool', value: 'kata' }, true],
  [{ key: 'pool', operator: 'Equal', value: 'other' }, false],
  [{ key: 'pool' }, false],
  [{ key: 'other', operator: 'Exists' }, false],
  [{ value: 'kata' }, false],
  [{}, false],
])('%j tolerates it: %s', (toleration, isTolerated) => {
  expect(tolerates([toleration], taint)).toBe(isTolerated);
});

test('a taint without a value is tolerated by an empty one', () => {
  expect(tolerates([{ key: 'pool' }], { key: 'pool', effect: 'NoSchedule' })).toBe(true);
});
