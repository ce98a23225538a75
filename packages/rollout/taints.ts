/** Taints that keep the installer's pod from a node: removed for the upgrade, and restored exactly. */
import type { Taint } from './claim.ts';

/** kubelet and the controllers of Kubernetes own these, and DaemonSets tolerate most of them. */
const ofKubernetes = /^node(\.cloudprovider)?\.kubernetes\.io\//;

export function liftable(taints: readonly Taint[], tolerates: (taint: Taint) => boolean): readonly Taint[] {
  return taints.filter(
    (taint) => taint.effect !== 'PreferNoSchedule' && !ofKubernetes.test(taint.key) && !tolerates(taint),
  );
}

export function without(taints: readonly Taint[], lifted: readonly Taint[]): readonly Taint[] {
  return taints.filter((taint) => !lifted.some((one) => isSame(one, taint)));
}

/** Key and effect identify a taint: one that somebody has added again stays as it is. */
export function withLifted(taints: readonly Taint[], lifted: readonly Taint[]): readonly Taint[] {
  return [...taints, ...without(lifted, taints)];
}

function isSame(one: Taint, other: Taint): boolean {
  return one.key === other.key && one.effect === other.effect;
}
