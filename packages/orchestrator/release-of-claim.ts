/** The release of a claimed node, for users. Pure. */
import { type Claim, hasFailedUnchanged } from '@kata/rollout';

/** That the node goes to, or is on. */
export function releaseOfClaim(claim: Claim): string | null {
  const { phase, target, before } = claim;
  if (hasFailedUnchanged(claim)) return before.release;
  const isBack = phase === 'rolling-back' || phase === 'rechecking' || phase === 'rolled-back';
  return isBack ? before.release : target;
}
