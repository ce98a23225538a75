import { expect, test } from 'vitest';
import { runAllScenarios } from '../testkit/run-all-scenarios.ts';
import { losePower } from '../testkit/lose-power.ts';

test('power lost at every moment, and the command run again: as if nothing had happened', async () => {
  const options = { seeds: 4, stride: 1, again: 20 };
  const { cases, failures } = await runAllScenarios(
    'power loss',
    async (scenario) => await losePower(scenario, options),
  );

  expect(failures).toEqual([]);
  expect(cases).toBeGreaterThan(10_000);
});
