/** Runs a fault test on all scenarios and prints the results. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Scenario, scenarios } from './scenarios.ts';
import { describeResult, type InjectionResult, unite } from './injection-result.ts';
import { makeTwoTinyPayloads } from './tiny-payload.ts';

export async function runAllScenarios(
  name: string,
  run: (scenario: Scenario) => Promise<InjectionResult>,
): Promise<InjectionResult> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), 'kata-exhaustive-'));
  const [first, second] = await makeTwoTinyPayloads(scratch.path);
  const startedMs = performance.now();
  const results = [];
  for (const scenario of scenarios(first, second)) {
    const result = await run(scenario);
    results.push(result);
    // At once, so that a test that times out has still printed results.
    process.stdout.write(
      `${name}, ${scenario.name}: ${result.cases} cases, ${result.failures.length} failed\n`,
    );
  }
  const all = unite(results);
  process.stdout.write(describeResult(name, all, performance.now() - startedMs));
  return all;
}
