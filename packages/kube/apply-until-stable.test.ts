import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { applyUntilStable } from './apply-until-stable.ts';

const options = { observations: 3, intervalMs: 60_000, rounds: 4, clock: new JumpingClock() };

/** A fake API server that reports whether each patch changed anything. */
function answering(changed: (call: number) => boolean): {
  readonly calls: () => number;
  readonly patchNode: () => Promise<boolean>;
} {
  let calls = 0;
  return { calls: () => calls, patchNode: async () => changed((calls += 1)) };
}

test.each([
  ['stays', (call: number) => call === 1, 4],
  ['exists already', () => false, 3],
  ['is reverted twice', (call: number) => call === 1 || call === 3 || call === 4, 7],
])('a change that %s is confirmed three times in a row', async (_, changed, calls) => {
  const cluster = answering(changed);

  await applyUntilStable(cluster, 'n1', () => ({}), options);

  expect(cluster.calls()).toBe(calls);
});

test('a change that is reverted each time ends with an error', async () => {
  const cluster = answering(() => true);

  await expect(applyUntilStable(cluster, 'n1', () => ({}), options)).rejects.toMatchObject({
    code: 'KATA_KUBE_UNSTABLE',
    exitCode: 75,
    message: 'the labels of node "n1" were reverted 4 times by another program',
  });
  expect(cluster.calls()).toBe(5);
});
