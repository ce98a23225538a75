import { expect, test } from 'vitest';
import { sweepAll } from '../testkit/sweep-all.ts';
import { sweepFaults } from '../testkit/sweep-faults.ts';

test('a call that fails, now and then, and the command run again: as if nothing had happened', async () => {
  const { failures } = await sweepAll(
    'I/O faults',
    async (scenario) => await sweepFaults(scenario, { stride: 389 }),
  );

  expect(failures).toEqual([]);
});
