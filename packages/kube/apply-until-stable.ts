/** Changes a node until the change stays: kubelet may reset labels after the engine was restarted. */
import { type Clock, exitCodes, KataError } from '@kata/core';
import type { ChangesOf, Cluster } from './cluster.ts';

export interface StableOptions {
  /** So many times in a row there must be nothing to change. */
  readonly observations: number;
  readonly intervalMs: number;
  /** At most so many changes. */
  readonly rounds: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** @throws KataError `KATA_KUBE_UNSTABLE` when the change is reverted each time. */
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
      throw new KataError(
        'KATA_KUBE_UNSTABLE',
        `the labels of node "${node}" were reverted ${rounds} times by another program`,
        {
          exitCode: exitCodes.temporary,
          hint: `to find the program that changes the labels: kubectl get node ${node} -o yaml --show-managed-fields`,
        },
      );
    }
    if (good < observations) await clock.sleep(intervalMs, signal);
  }
}
