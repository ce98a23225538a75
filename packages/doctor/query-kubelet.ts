/** Queries kubelet's configuration and version for the doctor, where there is a cluster. */
import { type Client, connectCluster } from '@kata/kube';
import type { DoctorOptions } from './probe.ts';

/** Short, because each is one line of the report. */
const limits = { overallMs: 5000, requestMs: 5000 };

export function kubeletConfigurationQuery(
  nodeName: string | undefined,
  client: Client,
): Partial<Pick<DoctorOptions, 'kubeletConfiguration'>> {
  if (nodeName === undefined) return {};
  return {
    kubeletConfiguration: async () =>
      await connectCluster({ client, limits }).readKubeletConfiguration(nodeName),
  };
}

/** Only pods of our own chart need a kubelet that starts sidecars. */
export function kubeletVersionQuery(
  nodeName: string | undefined,
  client: Client,
): Pick<DoctorOptions, 'kubeletVersion'> {
  if (nodeName === undefined) return {};
  return {
    kubeletVersion: async () => {
      const { nodeInfo } = await connectCluster({ client, limits }).readNode(nodeName);
      return String(nodeInfo['kubeletVersion']);
    },
  };
}
