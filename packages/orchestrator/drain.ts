/** Evicts the pods of a node, as `kubectl drain` does: not those of DaemonSets, static pods, ended pods, or our own. */
import { KataError } from '@kata/core';
import { lifecycleRunLabel } from '@kata/kata';
import { type ApiRequests, listPods, type PodObject } from '@kata/kube';
import { evictPod } from '@kata/kube/fleet';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** `workflow`: see `FleetContext`. */
export async function listEvictable(
  api: ApiRequests,
  nodeName: string,
  workflow: string | undefined,
): Promise<readonly PodObject[]> {
  return (await listPods(api, { nodeName })).filter((pod) => isEvictable(pod, workflow));
}

export function isEvictable(
  { controller, annotations, labels, phase }: PodObject,
  workflow: string | undefined,
): boolean {
  if (controller?.kind === 'DaemonSet' || annotations[mirrorAnnotation] !== undefined) return false;
  if (labels[lifecycleRunLabel] !== undefined) return false;
  if (controller?.kind === 'Workflow' && controller.uid === workflow) return false;
  return phase !== 'Succeeded' && phase !== 'Failed';
}

/** Returns what blocks, by pod. */
export async function evictAll(
  api: ApiRequests,
  pods: readonly PodObject[],
): Promise<ReadonlyMap<string, string>> {
  const blocked = new Map<string, string>();
  const quick = api.with({ limits: evictionLimits });
  for (const pod of pods) {
    if (pod.beingDeleted) continue;
    const by = await tryEvict(quick, pod);
    if (by !== undefined) blocked.set(`${pod.namespace}/${pod.name}`, by);
  }
  return blocked;
}

/** The drain comes back to a pod until its own time-out. */
const evictionLimits = { overallMs: 5000 };

/** Of webhooks, of a namespace that is terminating, or of an overloaded API server: another attempt may succeed. */
const passing: readonly string[] = [
  ...['KATA_KUBE_FORBIDDEN', 'KATA_KUBE_REFUSED', 'KATA_KUBE_OVERLOADED'],
  ...['KATA_KUBE_SERVER', 'KATA_KUBE_CONFLICT', 'KATA_KUBE_UNREACHABLE'],
];

/** Of the account, without the right. */
const withoutRight = / cannot create resource "pods\/eviction"/;

/** Returns what blocks it. */
async function tryEvict(api: ApiRequests, pod: PodObject): Promise<string | undefined> {
  try {
    const outcome = await evictPod(api, pod);
    if (outcome.kind !== 'blocked') return undefined;
    return outcome.budget === undefined ? outcome.message : `PodDisruptionBudget ${outcome.budget}`;
  } catch (error) {
    if (!(error instanceof KataError) || !passing.includes(error.code)) throw error;
    const message = error.cause instanceof Error ? error.cause.message : error.message;
    if (withoutRight.test(message)) throw error;
    return message;
  }
}
