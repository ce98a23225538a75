/** What the installer reports about an approval. */
import type { NodeStatus } from '@kata/node';
import type { Claim } from './claim.ts';
import type { NodeView, Terms } from './node-view.ts';
import type { NodeStep } from './node-step.ts';

export type Echo =
  | { readonly kind: 'none' }
  | { readonly kind: 'installed' }
  /** The approved release is neither the payload nor in the node's store. */
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

export function echoOf(view: NodeView, claim: Claim, release: string, { policy }: Terms): Echo {
  const { status } = view;
  if (status?.podUid === undefined || status.podUid === claim.podUid) return { kind: 'none' };
  if (isServing(status, release) && status.approved === release) return { kind: 'installed' };
  if (status.reason === 'ApprovedReleaseMissing' && status.approved === release) {
    return { kind: 'missing', message: `release ${release} is not in the store of the node` };
  }
  const isFailed = status.phase === 'failed' || status.phase === 'incomplete';
  const attempts = (status.attempt ?? 0) - claim.attempt;
  if (!isFailed || attempts < policy.installAttempts) return { kind: 'none' };
  return { kind: 'failed', message: describeFailure(status) };
}

export function isServing(status: NodeStatus | undefined, release: string): boolean {
  return status?.phase === 'installed' && status.current === release;
}

/** The installer acts on an approval when its pod starts, so a pod that has not seen it must be replaced. */
export function restartInstaller(view: NodeView, claim: Claim, release: string): NodeStep | undefined {
  const { installerPod: pod, status } = view;
  if (pod === undefined || pod.beingDeleted) return undefined;
  const heldWithout = status?.podUid === pod.uid && status.phase === 'held' && status.approved !== release;
  if (pod.uid !== claim.podUid && !heldWithout) return undefined;
  return { kind: 'delete-installer-pod', uid: pod.uid };
}

function describeFailure({ code, message, reason }: NodeStatus): string {
  return `the installer reports ${code ?? reason}${message === undefined ? '' : `: ${message}`}`;
}
