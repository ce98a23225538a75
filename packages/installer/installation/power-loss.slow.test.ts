import { expect, test } from 'vitest';
import { runAllScenarios } from '../testkit/run-all-scenarios.ts';
import { losePower } from '../testkit/lose-power.ts';
import { randomNumbers, readSeed } from '../testkit/random-choice.ts';

const seed = readSeed(process.env, Date.now());

// Every call: `make crash-memory`.
test('a command has the same result when it is run again after a power loss at a random sample of calls', async () => {
  const options = { seeds: 2, again: 3, sample: { random: randomNumbers(seed), count: 1 } };
  const { cases, failures } = await runAllScenarios(
    `power loss, SEED=${seed}`,
    async (scenario) => await losePower(scenario, options),
  );

  expect(failures, `to repeat it: SEED=${seed}`).toEqual([]);
  expect(cases).toBeGreaterThan(250);
});
