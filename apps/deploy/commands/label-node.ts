/** Says on the node object what the node has; where there is no cluster, nothing is said. */
import type { NodeMetadata } from '@kata/installer';
import type { DeployConfig } from '../config.ts';
import { say } from './session.ts';

export async function labelNode(config: DeployConfig, metadata: NodeMetadata): Promise<void> {
  if (config.nodeName === undefined) {
    say('NODE_NAME is not set: no node is labelled');
    return;
  }
  // Only here, for it takes a while to load.
  const { connectCluster } = await import('@kata/kube');
  await connectCluster().patchNode(config.nodeName, metadata);
}
