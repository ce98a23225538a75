/** The tolerations with which a pod can run on a cordoned node that has taints. */
import type { PodToleration } from './pod-template.ts';
import { type SeenTaint, tolerates } from './tolerations.ts';

/** `kubectl cordon` brings it, some time after `spec.unschedulable`. */
const cordon: SeenTaint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/**
 * Those of the user, then one for each taint that they do not cover. Kubernetes' own taints, such as `not-ready` and
 * `disk-pressure`, are not covered: while one lasts the pod waits, as any other pod would.
 */
export function tolerateTaints(
  own: readonly PodToleration[],
  taints: readonly SeenTaint[],
): readonly PodToleration[] {
  const added: PodToleration[] = [];
  for (const taint of [cordon, ...taints.filter((taint) => !isCondition(taint))]) {
    if (taint.effect !== 'NoSchedule' && taint.effect !== 'NoExecute') continue;
    if (tolerates([...own, ...added], taint)) continue;
    added.push(tolerationOf(taint));
  }
  return [...own, ...added];
}

function isCondition({ key }: SeenTaint): boolean {
  return /^node\.(?:cloudprovider\.)?kubernetes\.io\//.test(key);
}

function tolerationOf(taint: SeenTaint): PodToleration {
  const { key, effect } = taint;
  const value = valueOf(taint);
  return value === '' ? { key, operator: 'Exists', effect } : { key, operator: 'Equal', value, effect };
}

function valueOf({ value }: SeenTaint): string {
  return typeof value === 'string' ? value : '';
}
