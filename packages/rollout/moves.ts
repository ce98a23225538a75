/** Builds the writes that move a node from one phase to another. */
import { versionOf } from '@kata/node';
import type { Claim, Failure } from './claim.ts';
import type { NodeView, Terms } from './node-view.ts';
import type { WriteStep } from './node-step.ts';
import type { Phase } from './phase.ts';
import { liftable, withLifted, without } from './taints.ts';

type Changes = Partial<Omit<Claim, 'phase' | 'since'>>;

export function moveTo(claim: Claim, phase: Phase, { now }: Terms, changes: Changes = {}): Claim {
  return { ...claim, ...changes, phase, since: now.toISOString() };
}

/** Approves a release. The installer's present pod has not seen it, and taints would keep the next one away. */
export function approve(
  view: NodeView,
  claim: Claim,
  release: string,
  { phase, terms, ...changes }: Changes & { readonly phase: Phase; readonly terms: Terms },
): WriteStep {
  return { ...restart(view, claim, { phase, terms, ...changes }), approved: release };
}

/** Prepares the node for another pod of the installer. */
export function restart(
  view: NodeView,
  claim: Claim,
  { phase, terms, ...changes }: Changes & { readonly phase: Phase; readonly terms: Terms },
): WriteStep {
  const lifting = liftable(view.taints, terms.tolerates);
  return {
    kind: 'write',
    claim: moveTo(claim, phase, terms, {
      podUid: view.installerPod?.uid ?? view.status?.podUid ?? null,
      attempt: view.status?.attempt ?? 0,
      lifted: [...without(claim.lifted, lifting), ...lifting],
      ...changes,
    }),
    isCordoned: true,
    ...(lifting.length === 0 ? {} : { taints: without(view.taints, lifting) }),
  };
}

/** It has the new release, and the user's pod passed. */
export function complete(view: NodeView, claim: Claim, release: string, terms: Terms): WriteStep {
  return { ...leave(view, claim, 'completed', terms), currentVersion: versionOf(release) };
}

/** It has its earlier release. */
export function rolledBack(
  view: NodeView,
  claim: Claim,
  release: string,
  terms: Terms,
  failureBefore: Failure | null,
): WriteStep {
  const done = { ...claim, failureBefore };
  return { ...leave(view, done, 'rolled-back', terms), currentVersion: versionOf(release) };
}

/** Nothing was installed: the node is as before, and stays cordoned when an earlier run left it so. */
export function giveUp(view: NodeView, claim: Claim, failure: Failure, terms: Terms): WriteStep {
  if (claim.before.wasUnverified === true) return fail(view, claim, failure, terms);
  return leave(view, { ...claim, failure }, 'failed', terms);
}

/** It stays cordoned: nobody knows whether pods can run there. */
export function fail(view: NodeView, claim: Claim, failure: Failure, terms: Terms): WriteStep {
  const { isCordoned: _, ...step } = leave(view, { ...claim, failure }, 'failed', terms);
  return step;
}

/** Restores what the run changed on the Node object. */
export function leave(view: NodeView, claim: Claim, phase: Phase, terms: Terms): WriteStep {
  return {
    kind: 'write',
    claim: moveTo(claim, phase, terms, { lifted: [] }),
    ...(claim.before.wasCordoned ? {} : { isCordoned: false }),
    ...(claim.lifted.length === 0 ? {} : { taints: withLifted(view.taints, claim.lifted) }),
  };
}
