/** Whether somebody asked a run to start no further node; looks at its record from time to time. */
import type { FleetContext } from './context.ts';
import { readRun } from './run-record.ts';

const intervalMs = 2000;

export function watchStopRequest(context: FleetContext, run: string): () => Promise<boolean> {
  let nextMs = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  return async () => {
    const { clock } = context;
    if (isStopped || clock.monotonicMs() < nextMs) return isStopped;
    ({ isStopRequested: isStopped } = (await readRun(context, run)).state);
    nextMs = clock.monotonicMs() + intervalMs;
    return isStopped;
  };
}
