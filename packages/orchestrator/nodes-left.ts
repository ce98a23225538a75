/** The nodes of a run that are not at their end yet. */
import type { FleetNode } from '@kata/kube/fleet';
import { hasEnded, readClaim } from '@kata/rollout';
import type { RunPlan } from './run-record.ts';

/** Those that were begun come first: the step of another one would wait for them, and they for its wave. */
export function nodesLeft({ id, nodes }: RunPlan, present: readonly FleetNode[]): readonly string[] {
  const byUid = new Map(present.map((node) => [node.uid, node]));
  const [begun, others]: [string[], string[]] = [[], []];
  for (const { name, uid } of nodes) {
    const node = byUid.get(uid);
    if (node === undefined) continue;
    const claim = readClaim(node);
    if (claim?.run !== id) others.push(name);
    else if (!hasEnded(claim.phase)) begun.push(name);
  }
  return [...begun, ...others];
}
