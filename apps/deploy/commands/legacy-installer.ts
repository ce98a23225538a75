/** Whether an installer that writes no marks of its own also serves this node. */
import type { DeployConfig } from '../config.ts';
import type { ClusterNode } from './cluster-node.ts';

export async function seesLegacyInstaller(config: DeployConfig, node: ClusterNode): Promise<boolean> {
  const { isLegacyInstaller } = await import('@kata/node');
  const own = { namespace: config.namespace, name: config.daemonSet };
  const seen = await node.read();
  const daemonSets = await node.cluster.listDaemonSets();
  return daemonSets.some((daemonSet) => isLegacyInstaller(daemonSet, own, seen));
}
