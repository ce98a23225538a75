import { expect, test } from 'vitest';
import { runAllScenarios } from '../testkit/run-all-scenarios.ts';
import { losePower } from '../testkit/lose-power.ts';

test('a command has the same result when it is run again after a power loss at any call', async () => {
  const options = { seeds: 4, again: 20 };
  const { cases, failures } = await runAllScenarios(
    'power loss',
    async (scenario) => await losePower(scenario, options),
  );

  expect(failures).toEqual([]);
  expect(cases).toBeGreaterThan(10_000);
});
