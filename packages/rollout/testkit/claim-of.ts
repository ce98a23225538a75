/** A claim for tests. */
import type { Claim } from '../claim.ts';

export const releases = { before: '3.24.0-aaaaaaaa', target: '3.25.0-bbbbbbbb' } as const;

export function claimOf(changes: Partial<Claim> = {}): Claim {
  return {
    run: 'r1',
    installation: '',
    epoch: 1,
    phase: 'completed',
    since: '2026-01-01T00:00:00.000Z',
    before: { approved: releases.before, release: releases.before, wasCordoned: false },
    target: releases.target,
    podUid: null,
    attempt: 0,
    lifted: [],
    verifications: 1,
    retries: 0,
    isFromPayload: false,
    failure: null,
    failureBefore: null,
    ...changes,
  };
}
