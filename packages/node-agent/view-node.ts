/** Chooses how to read the engine and its sandboxes: through its socket or, where that is not mounted, the API server. */
import type { Clock } from '@kata/core';
import { CriClient, type Host } from '@kata/host';
import { runningOf } from '@kata/installer';
import { type AgentConfig, requireNode } from './context.ts';
import type { NodeView } from './view-by-api.ts';

const engineSocket = '/run/containerd/containerd.sock';

export async function viewNode(host: Host, config: AgentConfig, clock: Clock): Promise<NodeView> {
  const isSocketSeen = (await host.files.info(engineSocket)) !== undefined;
  if (config.lockDirectory !== undefined && !isSocketSeen) {
    // Loaded only here, because it is slow.
    const { openCluster } = await import('./open-cluster.ts');
    const { viewByApi } = await import('./view-by-api.ts');
    return viewByApi(openCluster({ clock }), {
      nodeName: requireNode(config),
      suffix: config.settings.suffix,
    });
  }
  const cri = new CriClient({ socketPath: host.socketPath(engineSocket) });
  return {
    engine: {
      version: async () => (await cri.engineVersion()).version,
      servedHandlers: async () => (await cri.servedHandlers()) ?? [],
      snapshotters: async () => await cri.snapshotters(),
    },
    sandboxes: async (handlers) => runningOf(await cri.sandboxes(), handlers),
  };
}
