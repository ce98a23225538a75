/** The verification pod for commands that name nodes: the one that is given, or that of the last run. */
import { exitCodes, KataError } from '@kata/core';
import type { FleetContext } from './context.ts';
import { listRuns } from './list-runs.ts';
import type { RunPlan } from './run-record.ts';

/** @throws KataError `KATA_LIFECYCLE_PARAMETER` */
export async function verificationFor(
  context: FleetContext,
  given: RunPlan['verification'] | undefined,
): Promise<RunPlan['verification']> {
  const found = given ?? (await listRuns(context)).runs.at(-1)?.plan.verification;
  if (found !== undefined) return found;
  throw new KataError('KATA_LIFECYCLE_PARAMETER', 'there is no verification pod: no run has used one yet', {
    exitCode: exitCodes.usage,
    hint: 'give yours: --verification-pod FILE',
  });
}
