/** Changes a node until the change stays: kubelet may write labels of its own after the engine was restarted. */
import { type Clock, exitCodes, KataError } from '@kata/core';
import type { ChangesOf, Cluster } from './cluster.ts';

export interface StableOptions {
  /** How often in a row there must be nothing to change. */
  readonly observations: number;
  readonly intervalMs: number;
  /** How often the change is made. */
  readonly rounds: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** @throws KataError `KATA_KUBE_UNSTABLE` when somebody undoes it each time. */
export async function applyUntilStable(
  cluster: Pick<Cluster, 'patchNode'>,
  node: string,
  changes: ChangesOf,
  { observations, intervalMs, rounds, clock, signal }: StableOptions,
): Promise<void> {
  let applied = 0;
  for (let good = 0; good < observations;) {
    const changed = await cluster.patchNode(node, changes);
    applied += changed ? 1 : 0;
    good = changed ? 0 : good + 1;
    if (applied > rounds) {
      throw new KataError('KATA_KUBE_UNSTABLE', `labels of node "${node}" were undone ${rounds} times`, {
        exitCode: exitCodes.temporary,
        hint: "see who else writes the node's labels: kubectl get node -o yaml --show-managed-fields",
      });
    }
    if (good < observations) await clock.sleep(intervalMs, signal);
  }
}
