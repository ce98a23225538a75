/** The status of the fleet, again after each change, until the caller stops. */
import { isDeepStrictEqual } from 'node:util';
import type { FleetContext } from './context.ts';
import { type FleetStatus, readFleetStatus } from './fleet-status.ts';

/** For a user who watches; each time nodes and records of runs are listed. */
const intervalMs = 2000;

export async function* watchFleetStatus(
  context: FleetContext,
  signal?: AbortSignal,
): AsyncGenerator<FleetStatus> {
  let last: FleetStatus | undefined;
  for (;;) {
    const status = await readFleetStatus(context);
    if (!isDeepStrictEqual(status, last)) yield status;
    last = status;
    await context.clock.sleep(intervalMs, signal).catch(() => undefined);
    if (signal?.aborted === true) return;
  }
}
