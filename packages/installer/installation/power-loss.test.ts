import { expect, test } from 'vitest';
import { runAllScenarios } from '../testkit/run-all-scenarios.ts';
import { losePower } from '../testkit/lose-power.ts';

test('power lost at some moments, and the command run again: as if nothing had happened', async () => {
  const options = { seeds: 2, stride: 307, again: 4 };
  const { failures } = await runAllScenarios(
    'power loss',
    async (scenario) => await losePower(scenario, options),
  );

  expect(failures).toEqual([]);
});
