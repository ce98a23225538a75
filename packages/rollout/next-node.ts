/** The next step on a node of a run: a pure function of what is seen. Whoever repeats it after any interruption goes on. */
import type { Claim, Failure } from './claim.ts';
import { echoOf, isServing, restartInstaller } from './echo.ts';
import { approve, complete, fail, giveUp, leave, moveTo, restart, rolledBack } from './moves.ts';
import type { NodeStep } from './node-step.ts';
import type { NodeView, SeenVerification, Terms } from './node-view.ts';
import { type ActivePhase, hasEnded } from './phase.ts';
import { isReturned, offerOf, start, targetOf, toRollBack } from './start.ts';

export function nextNode(view: NodeView, terms: Terms): NodeStep {
  const { claim } = view;
  if (claim?.run !== terms.run) return start(view, terms);
  if (hasEnded(claim.phase)) return afterEnd(view, claim, terms);
  if (!view.isOurs) return { kind: 'write', claim: takeOver(claim, terms) };
  return phaseSteps[claim.phase](view, claim, terms);
}

type PhaseStep = (view: NodeView, claim: Claim, terms: Terms) => NodeStep;

const phaseSteps: Readonly<Record<ActivePhase, PhaseStep>> = {
  preparing: (_, claim, terms) => ({
    kind: 'write',
    claim: moveTo(claim, 'cordoned', terms),
    isCordoned: true,
  }),
  cordoned,
  draining,
  upgrading,
  verifying,
  'rolling-back': rollingBack,
  rechecking,
};

/** The time of the phase begins again. */
function takeOver(claim: Claim, { now }: Terms): Claim {
  return { ...claim, epoch: claim.epoch + 1, since: now.toISOString() };
}

function afterEnd(view: NodeView, claim: Claim, terms: Terms): NodeStep {
  const removal = view.verification && removePod(view.verification, claim, terms);
  if (removal !== undefined) return removal;
  if (terms.direction === 'forward' || !canGoBack(claim)) return { kind: 'end' };
  const failure: Failure = { reason: 'run', message: 'another node of the run failed' };
  const before = { ...claim.before, wasCordoned: view.isCordoned };
  return toRollBack(view, { ...claim, epoch: claim.epoch + 1, before }, terms, { failure });
}

/** For a verification pod that is being deleted. On a node whose kubelet is dead it stays for ever. */
const terminationMs = 120_000;

/** Undefined when the pod has been terminating for too long: the run goes on without it. */
function removePod({ beingDeleted }: SeenVerification, claim: Claim, { now }: Terms): NodeStep | undefined {
  if (!beingDeleted) return { kind: 'delete-verification-pod' };
  const until = deadline(claim, terminationMs);
  if (now >= until) return undefined;
  return { kind: 'wait', what: 'the verification pod is terminating', until };
}

/** Of a node that was verified: without an earlier release it stays on the verified one. */
export function canGoBack({ phase, before }: Claim): boolean {
  return phase === 'completed' && before.release !== null;
}

function cordoned(view: NodeView, claim: Claim, terms: Terms): NodeStep {
  if (terms.direction === 'back') return stop(view, claim, terms);
  if (terms.policy.drain === null) return toUpgrade(view, claim, terms);
  return { kind: 'write', claim: moveTo(claim, 'draining', terms) };
}

/** Before anything was installed. */
function stop(view: NodeView, claim: Claim, terms: Terms): NodeStep {
  const failure = { reason: 'stopped', message: 'the run was ended before the node was upgraded' };
  if (claim.before.wasUnverified === true) return fail(view, claim, failure, terms);
  return leave(view, { ...claim, failure }, 'rolled-back', terms);
}

function draining(view: NodeView, claim: Claim, terms: Terms): NodeStep {
  if (terms.direction === 'back') return stop(view, claim, terms);
  if (view.evictable.length === 0) return toUpgrade(view, claim, terms);
  const { timeoutMs } = terms.policy.drain ?? { timeoutMs: 0 };
  const until = deadline(claim, timeoutMs);
  if (terms.now < until) return { kind: 'evict' };
  const message = `not drained within ${timeoutMs / 1000} s: ${view.evictable.join(', ')}`;
  return giveUp(view, claim, { reason: 'drain', message }, terms);
}

/** A node that has the release already is only verified. */
function toUpgrade(view: NodeView, claim: Claim, terms: Terms): NodeStep {
  const target = claim.target ?? targetOf(view, terms);
  if (target === null) return restart(view, claim, { phase: 'upgrading', terms });
  if (isServing(view.status, target)) return toVerify(claim, target, terms);
  return approve(view, claim, target, { phase: 'upgrading', terms, target });
}

/** Approved also where the node has the release without an approval. */
function toVerify(claim: Claim, target: string, terms: Terms): NodeStep {
  const verifications = claim.verifications + 1;
  return {
    kind: 'write',
    claim: moveTo(claim, 'verifying', terms, { target, verifications, retries: 0 }),
    approved: target,
  };
}

function upgrading(view: NodeView, claim: Claim, terms: Terms): NodeStep {
  const until = deadline(claim, terms.policy.installMs);
  if (claim.target === null) return awaitOffer(view, claim, terms, until);
  const echo = echoOf(view, claim, claim.target, terms);
  if (echo.kind === 'installed') return toVerify(claim, claim.target, terms);
  if (echo.kind === 'missing' || echo.kind === 'failed') {
    return afterFailure(view, claim, terms, { reason: 'install', message: echo.message });
  }
  const what = `the installer has not reported release ${claim.target} yet`;
  if (terms.now >= until) {
    return afterFailure(view, claim, terms, { reason: 'install', message: `timed out: ${what}` });
  }
  return restartInstaller(view, claim, claim.target) ?? { kind: 'wait', what, until };
}

/** A taint kept the installer's pod away, so that it could not offer a release before. */
function awaitOffer(view: NodeView, claim: Claim, terms: Terms, until: Date): NodeStep {
  const { installerPod: pod } = view;
  const offered = offerOf(view);
  if (isReturned(offered, terms)) {
    const message = `the installer offers release ${offered}, but the run upgrades from version ${terms.versionBefore}: another program has changed the Helm release`;
    return giveUp(view, claim, { reason: 'no-offer', message }, terms);
  }
  if (offered !== null) {
    const before = { ...claim.before, release: claim.before.release ?? view.status?.current ?? null };
    return approve(view, claim, offered, { phase: 'upgrading', terms, target: offered, before });
  }
  const what = 'the installer has not offered a release yet';
  if (terms.now >= until) {
    return giveUp(view, claim, { reason: 'no-offer', message: `timed out: ${what}` }, terms);
  }
  const isOld = pod !== undefined && !pod.beingDeleted && !pod.isCurrent;
  return isOld ? { kind: 'delete-installer-pod', uid: pod.uid } : { kind: 'wait', what, until };
}

function verifying(view: NodeView, claim: Claim, terms: Terms): NodeStep {
  const { target } = claim;
  if (target === null) return { kind: 'write', claim: moveTo(claim, 'upgrading', terms) };
  const verdict = judge(view, claim, terms);
  if (verdict.kind === 'passed') return complete(view, claim, target, terms);
  if (verdict.kind !== 'failed') return verdict;
  return afterFailure(view, claim, terms, verdict.failure);
}

type Judged = NodeStep | { readonly kind: 'passed' } | { readonly kind: 'failed'; readonly failure: Failure };

function judge({ verification: seen }: NodeView, claim: Claim, terms: Terms): Judged {
  const number = claim.verifications;
  const create: NodeStep = { kind: 'create-verification-pod', number };
  if (seen === undefined) return create;
  if (seen.number !== number) return removePod(seen, claim, terms) ?? create;
  const { verdict } = seen;
  switch (verdict.kind) {
    case 'passed':
      return { kind: 'passed' };
    case 'pending':
      return { kind: 'wait', what: verdict.message, until: verdict.until };
    case 'failed':
      if (verdict.mayRetry && claim.retries < terms.policy.verificationRetries) {
        return { kind: 'write', claim: { ...claim, verifications: number + 1, retries: claim.retries + 1 } };
      }
      return { kind: 'failed', failure: { reason: verdict.word, message: verdict.message } };
  }
}

function afterFailure(view: NodeView, claim: Claim, terms: Terms, failure: Failure): NodeStep {
  if (terms.policy.rollbackScope === 'none') return fail(view, claim, failure, terms);
  return toRollBack(view, claim, terms, { failure });
}

function rollingBack(view: NodeView, claim: Claim, terms: Terms): NodeStep {
  const { release } = claim.before;
  const failure = claim.failure ?? { reason: 'rollback', message: 'rolled back by an administrator' };
  if (release === null) {
    const message = `${failure.message}; the node had no release before`;
    return fail(view, claim, { ...failure, message }, terms);
  }
  const echo = echoOf(view, claim, release, terms);
  if (echo.kind === 'installed') {
    const verifications = claim.verifications + 1;
    return { kind: 'write', claim: moveTo(claim, 'rechecking', terms, { verifications, retries: 0 }) };
  }
  const until = deadline(claim, terms.policy.installMs);
  const what = `the installer has not reported release ${release} yet`;
  if (echo.kind === 'none' && terms.now < until) {
    return restartInstaller(view, claim, release) ?? { kind: 'wait', what, until };
  }
  if (claim.isFromPayload) {
    const why = echo.kind === 'none' ? `timed out: ${what}` : echo.message;
    return fail(view, claim, { ...failure, message: `${failure.message}; rollback: ${why}` }, terms);
  }
  if (!terms.isPayloadBack) return { kind: 'need-payload' };
  return approve(view, claim, release, { phase: 'rolling-back', terms, isFromPayload: true });
}

function rechecking(view: NodeView, claim: Claim, terms: Terms): NodeStep {
  const { release } = claim.before;
  if (release === null) return { kind: 'write', claim: moveTo(claim, 'rolling-back', terms) };
  const verdict = judge(view, claim, terms);
  if (verdict.kind === 'passed') return rolledBack(view, claim, release, terms, null);
  if (verdict.kind !== 'failed') return verdict;
  return rolledBack(view, claim, release, terms, verdict.failure);
}

function deadline({ since }: Claim, ms: number): Date {
  return new Date(Date.parse(since) + ms);
}
