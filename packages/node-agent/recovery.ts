/** The end of a failed installation of the release that the node has, without another installation. */
import { KataError } from '@kata/core';
import { isFailedGoal, type NodeStatus } from '@kata/node';
import type { ClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';

/** Whether the node reports a failure of this release that nobody is trying again. Call it when the release is served. */
export async function isOver(
  context: AgentContext,
  node: ClusterNode,
  reported: NodeStatus,
  release: string,
): Promise<boolean> {
  return isFailedGoal(reported, release) && !(await triesAgain(context, node));
}

/**
 * Until our pod is ready, kubelet runs its installer again, whose success ends the failure. Its cause may be one that no
 * drift run looks for, such as a damaged payload.
 */
async function triesAgain({ config }: AgentContext, { name, cluster }: ClusterNode): Promise<boolean> {
  const { namespace, podUid } = config;
  if (podUid === undefined) return false;
  const pod = await cluster.findPod({ namespace, nodeName: name, uid: podUid }).catch((error: unknown) => {
    // Upstream's chart does not allow it, and has no waiter that looks for drift by itself.
    if (!(error instanceof KataError) || error.code !== 'KATA_KUBE_FORBIDDEN') throw error;
    return undefined;
  });
  return (
    pod !== undefined && !pod.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}

export async function reportRecovered(
  { report }: AgentContext,
  node: ClusterNode,
  { code }: Pick<NodeStatus, 'code'>,
  release: string,
): Promise<void> {
  const failure = code === undefined ? '' : ` (${code})`;
  const note = `the installation of release ${release} had failed${failure}; it is complete and served now`;
  report.note(note);
  await node.event('Recovered', note);
}
