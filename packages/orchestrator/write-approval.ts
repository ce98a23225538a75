/** Writes or removes the approval of a node outside of runs. */
import { KataError } from '@kata/core';
import { Cluster } from '@kata/kube';
import type { FleetContext } from './context.ts';

/** Returns whether anything changed; a node that was deleted meanwhile needs nothing. */
export async function writeApproval(
  { api }: FleetContext,
  node: string,
  changes: Parameters<Cluster['patchNode']>[1],
): Promise<boolean> {
  try {
    return await new Cluster(api).patchNode(node, changes);
  } catch (error) {
    if (error instanceof KataError && error.code === 'KATA_KUBE_NOT_FOUND') return false;
    throw error;
  }
}
