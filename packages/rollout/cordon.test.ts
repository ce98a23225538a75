import { expect, test } from 'vitest';
import type { Claim } from './claim.ts';
import { isCordonedByRun } from './cordon.ts';
import { claimOf } from './testkit/claim-of.ts';

const before = { approved: null, release: null, wasCordoned: true };

test.each<[string, Partial<Claim>, boolean]>([
  ['in progress', { phase: 'verifying' }, true],
  ['failed on both releases', { phase: 'failed', failure: { reason: 'exit-1', message: 'it exits' } }, true],
  ['completed: somebody cordoned it afterwards', { phase: 'completed' }, false],
  ['rolled back: somebody cordoned it afterwards', { phase: 'rolled-back' }, false],
  ['not drained, and uncordoned', { phase: 'failed', failure: { reason: 'drain', message: 'm' } }, false],
  [
    'without an offer, and uncordoned',
    { phase: 'failed', failure: { reason: 'no-offer', message: 'm' } },
    false,
  ],
  ['in progress, cordoned before by an administrator', { phase: 'verifying', before }, false],
])('a cordoned node that is %s', (_, changes, isOurs) => {
  expect(isCordonedByRun({ isCordoned: true }, claimOf(changes))).toBe(isOurs);
  expect(isCordonedByRun({ isCordoned: false }, claimOf(changes))).toBe(false);
});

test('a cordoned node without a claim was cordoned by an administrator', () => {
  expect(isCordonedByRun({ isCordoned: true }, undefined)).toBe(false);
});
