import { expect, test } from 'vitest';
import { runAllScenarios } from '../testkit/run-all-scenarios.ts';
import { injectFaults } from '../testkit/inject-faults.ts';
import { randomNumbers, readSeed } from '../testkit/random-choice.ts';

const seed = readSeed(process.env, Date.now());

// Every call: `make crash-memory`.
test('a command that fails at a random sample of calls has the same result when it is run again', async () => {
  const sample = { random: randomNumbers(seed), count: 1 };
  const { cases, failures } = await runAllScenarios(
    `I/O faults, SEED=${seed}`,
    async (scenario) => await injectFaults(scenario, sample),
  );

  expect(failures, `to repeat it: SEED=${seed}`).toEqual([]);
  expect(cases).toBeGreaterThan(200);
});
