/** An autoscaler that adds nodes to the cluster in memory. */
import type { FakeCluster } from './fake-cluster.ts';
import { nodeObject, type NodeOptions } from './fleet-objects.ts';

/** Once, after the first change for which the condition holds. */
export function addNodesWhen(
  cluster: FakeCluster,
  condition: () => boolean,
  nodes: Readonly<Record<string, NodeOptions>>,
): void {
  const react = cluster.react.bind(cluster);
  let isAdded = false;
  cluster.react = (change) => {
    react(change);
    if (isAdded || !condition()) return;
    isAdded = true;
    for (const [name, options] of Object.entries(nodes)) cluster.put('nodes', nodeObject(name, options));
  };
}
