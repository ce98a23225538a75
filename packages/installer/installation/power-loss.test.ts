import { expect, test } from 'vitest';
import { runAllScenarios } from '../testkit/run-all-scenarios.ts';
import { losePower } from '../testkit/lose-power.ts';

test('a command has the same result when it is run again after a power loss at a sample of calls', async () => {
  const options = { seeds: 2, stride: 307, again: 4 };
  const { failures } = await runAllScenarios(
    'power loss',
    async (scenario) => await losePower(scenario, options),
  );

  expect(failures).toEqual([]);
});
