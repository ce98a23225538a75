/** Runs the cases of the contract for an engine, on machines that its own tests describe. */
import { describe, test } from 'vitest';
import { conformanceCases } from './cases.ts';
import type { EngineFixture } from './fixture.ts';
import type { TestedEngine } from './trial.ts';

export function describeEngine<Facts>(
  name: string,
  tested: TestedEngine<Facts>,
  fixtures: readonly EngineFixture[],
): void {
  describe.each(fixtures)(`${name} $version with $name`, (fixture) => {
    test.each(conformanceCases)('$title', async ({ run }) => {
      await run(tested, fixture);
    });
  });
}
