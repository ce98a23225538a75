/** Whether a step records that a verification pod failed. */
import type { Claim } from '@kata/rollout';

/** Also when another pod follows, because it was ended from outside; not when only the process is another one. */
export function hasPodFailed(before: Claim, after: Claim): boolean {
  if (before.phase === after.phase) return before.verifications < after.verifications;
  if (before.phase === 'verifying') return after.phase !== 'completed';
  return before.phase === 'rechecking' && (after.phase !== 'rolled-back' || after.failureBefore !== null);
}
