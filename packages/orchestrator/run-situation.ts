/** Whether somebody carries out a run. */
import type { LeaseHolder } from '@kata/kube/fleet';
import type { FleetFacts } from './fleet-facts.ts';
import type { RunRecord } from './run-record.ts';

export type RunSituation =
  | 'running'
  /** It has not ended, and no process has it. */
  | 'interrupted'
  | 'ended'
  /** Its record was deleted. */
  | 'unknown';

/** Clocks of machines may differ. */
const slackMs = 5000;

/** For information only: whoever takes the Lease watches it instead. */
function isAlive({ renewed, durationSeconds }: LeaseHolder, now: Date): boolean {
  return renewed !== undefined && +now - +renewed <= durationSeconds * 1000 + slackMs;
}

export function situationOf(
  record: RunRecord | undefined,
  { holder, now }: Pick<FleetFacts, 'holder' | 'now'>,
): RunSituation {
  if (record === undefined) return 'unknown';
  if (record.state.stage === 'ended') return 'ended';
  return holder !== undefined && isAlive(holder, now) ? 'running' : 'interrupted';
}
