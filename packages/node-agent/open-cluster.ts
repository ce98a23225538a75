/** Opens a connection to the cluster under the name of kata-deploy. */
import { type ApiLimits, type Cluster, connectCluster } from '@kata/kube';
import type { AgentContext } from './context.ts';
import { deployClient } from './deploy-client.ts';

export function openCluster(
  { clock }: Pick<AgentContext, 'clock'>,
  limits: Partial<ApiLimits> = {},
): Cluster {
  return connectCluster({ client: deployClient, clock, limits });
}
