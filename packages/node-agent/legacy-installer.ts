/** Finds out whether an installer that sets no instance label, such as upstream's, also serves this node. */
import { isLegacyInstaller } from '@kata/node';
import type { ClusterNode } from './cluster-node.ts';
import type { AgentConfig } from './context.ts';

export async function hasLegacyInstaller(config: AgentConfig, node: ClusterNode): Promise<boolean> {
  const own = { namespace: config.namespace, name: config.daemonSet };
  const seen = await node.read();
  const daemonSets = await node.cluster.listDaemonSets();
  return daemonSets.some((daemonSet) => isLegacyInstaller(daemonSet, own, seen));
}
