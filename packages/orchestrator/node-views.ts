/** What the pure part of a run sees of the nodes, from the watched objects. */
import { approvedRelease, readStatus } from '@kata/node';
import type { PodObject } from '@kata/kube';
import { type FleetNode, templateGenerationLabel } from '@kata/kube/fleet';
import { claimText, type NodeView, readClaim, type SeenVerification } from '@kata/rollout';
import type { FleetWatch } from './fleet-watch.ts';

export interface ViewOptions {
  readonly suffix: string;
  /** Texts of the claims that this process wrote, by node. */
  readonly written: ReadonlyMap<string, string>;
  /** Of the node's verification pod. */
  readonly verificationOf: (node: string) => SeenVerification | undefined;
  readonly evictableOf: (node: string) => readonly string[];
}

export function viewOf(node: FleetNode, watch: FleetWatch, options: ViewOptions): NodeView {
  const { name, isCordoned, taints } = node;
  const { suffix, written, verificationOf, evictableOf } = options;
  return {
    name,
    isCordoned,
    taints,
    claim: readClaim(node),
    isOurs: written.get(name) === claimText(node),
    approved: approvedRelease(node, suffix),
    status: readStatus(node, suffix),
    installerPod: installerPodOf(name, watch),
    verification: verificationOf(name),
    evictable: evictableOf(name),
  };
}

/** Without its verification pod, and without knowing who wrote its claim. */
export function plainViewOf(node: FleetNode, watch: FleetWatch, suffix: string): NodeView {
  return viewOf(node, watch, {
    suffix,
    written: new Map(),
    verificationOf: () => undefined,
    evictableOf: () => [],
  });
}

function installerPodOf(node: string, watch: FleetWatch): NodeView['installerPod'] {
  const { daemonSet } = watch;
  const own = watch.installerPodsOn(node).filter(({ controller }) => controller?.uid === daemonSet?.uid);
  const pod = own.find(({ beingDeleted }) => !beingDeleted) ?? own[0];
  if (pod === undefined || daemonSet === undefined) return undefined;
  return { uid: pod.uid, beingDeleted: pod.beingDeleted, isCurrent: isCurrent(pod, daemonSet) };
}

function isCurrent(
  { labels }: PodObject,
  { templateGeneration, isObserved }: NonNullable<FleetWatch['daemonSet']>,
): boolean {
  return isObserved && labels[templateGenerationLabel] === templateGeneration;
}
