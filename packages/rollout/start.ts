/** The first claim of a run on a node, also on one that an earlier run has left. */
import { versionOf } from '@kata/node';
import type { Claim } from './claim.ts';
import { isCordonedByRun } from './cordon.ts';
import { isServing } from './echo.ts';
import type { NodeView, Terms } from './node-view.ts';
import type { NodeStep, WriteStep } from './node-step.ts';
import { restart } from './moves.ts';
import { hasEnded, type Phase } from './phase.ts';
import { returnsTo } from './returns-to.ts';

export function start(view: NodeView, terms: Terms): NodeStep {
  const older = view.claim;
  const isLeft = older !== undefined && isUnfinished(older, view);
  if (isLeft && older.installation !== terms.installation) return { kind: 'taken', by: older.run };
  if (terms.direction === 'back') return startBack(view, terms, isLeft);
  if (isVerified(view) && !isReturned(offerOf(view), terms)) return { kind: 'end' };
  return { kind: 'write', claim: firstClaim(view, terms, isLeft ? older : undefined) };
}

/** An earlier run verified what the node offers and has. */
export function isVerified(view: NodeView): boolean {
  const { claim, status, approved } = view;
  const offered = offerOf(view);
  if (claim?.phase !== 'completed' || offered === null) return false;
  return claim.target === offered && approved === offered && isServing(status, offered);
}

/** A failed node that is still cordoned keeps what its run has to restore. */
function isUnfinished(claim: Claim, view: NodeView): boolean {
  return !hasEnded(claim.phase) || isCordonedByRun(view, claim);
}

function firstClaim(view: NodeView, terms: Terms, left: Claim | undefined): Claim {
  const { run, installation, now } = terms;
  return {
    run,
    installation,
    epoch: (view.claim?.epoch ?? 0) + 1,
    phase: 'preparing',
    since: now.toISOString(),
    before: {
      approved: view.approved ?? null,
      release: earlierRelease(view, left),
      wasCordoned: left === undefined ? view.isCordoned : left.before.wasCordoned,
      ...(left !== undefined && isUnverified(left) ? { wasUnverified: true } : {}),
    },
    target: targetOf(view, terms),
    podUid: null,
    attempt: 0,
    lifted: left?.lifted ?? [],
    verifications: view.claim?.verifications ?? 0,
    retries: 0,
    isFromPayload: false,
    failure: null,
    failureBefore: null,
  };
}

/** Phases of a node that has the release that it had before the run. */
const unchanged: readonly Phase[] = ['preparing', 'cordoned', 'draining'];

/** Of a node that a run has left. */
function isUnverified({ phase, before }: Claim): boolean {
  return before.wasUnverified === true || !unchanged.includes(phase);
}

/** What a run has left half done cannot be restored; what somebody installed since then is. */
function earlierRelease({ status }: NodeView, left: Claim | undefined): string | null {
  const current = status?.current ?? null;
  return left !== undefined && current === left.target ? left.before.release : current;
}

/** Of a pod with the present template. */
export function offerOf({ status, installerPod: pod }: NodeView): string | null {
  if (pod === undefined || !pod.isCurrent || pod.beingDeleted || status?.podUid !== pod.uid) return null;
  return status.offered ?? null;
}

/** The offer, unless it is no upgrade. */
export function targetOf(view: NodeView, terms: Terms): string | null {
  const offered = offerOf(view);
  return isReturned(offered, terms) ? null : offered;
}

/** Another program has changed the Helm release since the run did. */
export function isReturned(offered: string | null, { versionBefore }: Terms): boolean {
  return offered !== null && versionOf(offered) === versionBefore;
}

function startBack(view: NodeView, terms: Terms, isLeft: boolean): NodeStep {
  const back = returnsTo(view, terms.installation);
  if (back.kind === 'done') return { kind: 'end' };
  const claim = firstClaim(view, terms, isLeft ? view.claim : undefined);
  const release = back.kind === 'to' ? back.release : null;
  const target = view.status?.current ?? null;
  return toRollBack(view, { ...claim, target, before: { ...claim.before, release } }, terms);
}

export function toRollBack(
  view: NodeView,
  claim: Claim,
  terms: Terms,
  changes: Partial<Claim> = {},
): WriteStep {
  const { release } = claim.before;
  const step = restart(view, claim, { terms, ...changes, phase: 'rolling-back' });
  return release === null ? step : { ...step, approved: release };
}
