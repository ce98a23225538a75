/** Who cordoned a node: a run, or an administrator. */
import type { Claim } from './claim.ts';
import { hasEnded } from './phase.ts';

/** Of nodes that failed before anything was installed: the run uncordoned them. */
const harmless: readonly string[] = ['drain', 'no-offer'];

/** It failed before anything was installed, and is as it was: in service. */
export function hasFailedUnchanged({ phase, failure, before }: Claim): boolean {
  return phase === 'failed' && before.wasUnverified !== true && harmless.includes(failure?.reason ?? '');
}

/** A run cordoned it and has not uncordoned it: the next run, or a rollback, does. */
export function isCordonedByRun(
  { isCordoned }: { readonly isCordoned: boolean },
  claim: Claim | undefined,
): boolean {
  if (!isCordoned || claim === undefined || claim.before.wasCordoned) return false;
  if (!hasEnded(claim.phase)) return true;
  return claim.phase === 'failed' && !hasFailedUnchanged(claim);
}
