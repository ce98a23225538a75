import { expect, test } from 'vitest';
import { sweepAll } from '../testkit/sweep-all.ts';
import { sweepPowerLoss } from '../testkit/sweep-power-loss.ts';

test('power lost at every moment, and the command run again: as if nothing had happened', async () => {
  const sweep = { seeds: 4, stride: 1, again: 20 };
  const { cases, failures } = await sweepAll(
    'power loss',
    async (scenario) => await sweepPowerLoss(scenario, sweep),
  );

  expect(failures).toEqual([]);
  expect(cases).toBeGreaterThan(10_000);
});
