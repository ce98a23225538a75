import { expect, test } from 'vitest';
import { runAllScenarios } from '../testkit/run-all-scenarios.ts';
import { injectFaults } from '../testkit/inject-faults.ts';

test('a call that fails, now and then, and the command run again: as if nothing had happened', async () => {
  const { failures } = await runAllScenarios(
    'I/O faults',
    async (scenario) => await injectFaults(scenario, { stride: 389 }),
  );

  expect(failures).toEqual([]);
});
