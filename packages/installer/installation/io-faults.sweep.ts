import { expect, test } from 'vitest';
import { sweepAll } from '../testkit/sweep-all.ts';
import { sweepFaults } from '../testkit/sweep-faults.ts';

test('every call fails once, and the command is run again: as if nothing had happened', async () => {
  const { failures } = await sweepAll(
    'I/O faults',
    async (scenario) => await sweepFaults(scenario, { stride: 1 }),
  );

  expect(failures).toEqual([]);
});
