/** Chooses how to read the engine and its sandboxes: through its socket or, where that is not mounted, the API server. */
import { type Clock, KataError } from '@kata/core';
import { locateEngine } from '@kata/engines';
import { CriClient, type Host, type HostPath } from '@kata/host';
import { runningOf } from '@kata/installer';
import { type AgentConfig, requireNode } from './context.ts';
import type { NodeView } from './view-by-api.ts';

export async function viewNode(host: Host, config: AgentConfig, clock: Clock): Promise<NodeView> {
  if (config.lockDirectory !== undefined && !(await isSocketSeen(host, config))) {
    // Loaded only here, because it is slow.
    const { openCluster } = await import('./open-cluster.ts');
    const { viewByApi } = await import('./view-by-api.ts');
    return viewByApi(openCluster({ clock }), {
      nodeName: requireNode(config),
      suffix: config.settings.suffix,
    });
  }
  // Only when it is needed: other commands need no systemd.
  let opened: CriClient | undefined;
  const open = async (): Promise<CriClient> =>
    (opened ??= new CriClient({ socketPath: host.socketPath(await socketOf(host, config)) }));
  return {
    engine: {
      version: async () => (await (await open()).engineVersion()).version,
      servedHandlers: async () => (await (await open()).servedHandlers()) ?? [],
      snapshotters: async () => await (await open()).snapshotters(),
    },
    sandboxes: async (handlers) => runningOf(await (await open()).sandboxes(), handlers),
  };
}

async function socketOf(host: Host, { settings }: Pick<AgentConfig, 'settings'>): Promise<HostPath> {
  return (await locateEngine(host, settings)).location.socket;
}

async function isSocketSeen(host: Host, config: AgentConfig): Promise<boolean> {
  try {
    return (await host.files.info(await socketOf(host, config))) !== undefined;
  } catch (error) {
    // An unknown engine, which the run reports.
    if (error instanceof KataError) return false;
    throw error;
  }
}
