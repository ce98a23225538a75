/** Evicts the pods of a node, as `kubectl drain` does: not those of DaemonSets, static pods, ended pods, or our own. */
import { lifecycleRunLabel } from '@kata/kata';
import { type ApiRequests, listPods, type PodObject } from '@kata/kube';
import { evictPod } from '@kata/kube/fleet';

const mirrorAnnotation = 'kubernetes.io/config.mirror';
/** Of the pods of Argo: its steps are the run itself. */
const workflowLabel = 'workflows.argoproj.io/workflow';

export async function listEvictable(api: ApiRequests, nodeName: string): Promise<readonly PodObject[]> {
  return (await listPods(api, { nodeName })).filter(isEvictable);
}

export function isEvictable({ controller, annotations, labels, phase }: PodObject): boolean {
  if (controller?.kind === 'DaemonSet' || annotations[mirrorAnnotation] !== undefined) return false;
  if (labels[lifecycleRunLabel] !== undefined || labels[workflowLabel] !== undefined) return false;
  return phase !== 'Succeeded' && phase !== 'Failed';
}

/** Returns what blocks, by pod. */
export async function evictAll(
  api: ApiRequests,
  pods: readonly PodObject[],
): Promise<ReadonlyMap<string, string>> {
  const blocked = new Map<string, string>();
  for (const pod of pods) {
    if (pod.beingDeleted) continue;
    const outcome = await evictPod(api, pod);
    if (outcome.kind !== 'blocked') continue;
    const by = outcome.budget === undefined ? outcome.message : `PodDisruptionBudget ${outcome.budget}`;
    blocked.set(`${pod.namespace}/${pod.name}`, by);
  }
  return blocked;
}
