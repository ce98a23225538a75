import { expect, test } from 'vitest';
import { runAllScenarios } from '../testkit/run-all-scenarios.ts';
import { injectFaults } from '../testkit/inject-faults.ts';

test('a command that fails at any call has the same result when it is run again', async () => {
  const { failures } = await runAllScenarios('I/O faults', async (scenario) => await injectFaults(scenario));

  expect(failures).toEqual([]);
});
