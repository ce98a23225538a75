/** The error for the id of no run. */
import { exitCodes, KataError } from '@kata/core';
import type { FleetContext } from './context.ts';

export function noRun({ installation }: FleetContext, id: string): KataError {
  return new KataError(
    'KATA_LIFECYCLE_NO_RUN',
    `there is no run ${id} in namespace ${installation.namespace}`,
    { exitCode: exitCodes.precondition, hint: 'list the runs: kata-lifecycle history' },
  );
}
