import { expect, test } from 'vitest';
import { runAllScenarios } from '../testkit/run-all-scenarios.ts';
import { injectFaults } from '../testkit/inject-faults.ts';

test('every call fails once, and the command is run again: as if nothing had happened', async () => {
  const { failures } = await runAllScenarios(
    'I/O faults',
    async (scenario) => await injectFaults(scenario, { stride: 1 }),
  );

  expect(failures).toEqual([]);
});
