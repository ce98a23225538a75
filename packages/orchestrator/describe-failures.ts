/** Why a node was rolled back, and whether the user's pod fails on its earlier release, too. */
import type { Claim } from '@kata/rollout';

/** Null without a failure. */
export function describeFailures({
  failure,
  failureBefore,
}: Pick<Claim, 'failure' | 'failureBefore'>): string | null {
  if (failureBefore === null) return failure?.message ?? null;
  if (failure === null) return `on the earlier release: ${failureBefore.message}`;
  return `${failure.message}; on the earlier release, too: ${failureBefore.message}`;
}
