import { expect, test } from 'vitest';
import { sweepAll } from '../testkit/sweep-all.ts';
import { sweepPowerLoss } from '../testkit/sweep-power-loss.ts';

test('power lost at some moments, and the command run again: as if nothing had happened', async () => {
  const sweep = { seeds: 2, stride: 307, again: 4 };
  const { failures } = await sweepAll(
    'power loss',
    async (scenario) => await sweepPowerLoss(scenario, sweep),
  );

  expect(failures).toEqual([]);
});
