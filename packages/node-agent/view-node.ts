/** Chooses how to read the engine and its sandboxes: through its socket or, where that is not mounted, the API server. */
import { posix } from 'node:path';
import { type Clock, exitCodes, KataError } from '@kata/core';
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
    (opened ??= new CriClient({ socketPath: host.socketPath(await mountedSocket(host, config)) }));
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

/** @throws KataError `KATA_ENGINE_HIDDEN` in a pod without the directory of the socket */
async function mountedSocket(host: Host, config: AgentConfig): Promise<HostPath> {
  const { engine, location, kind } = await locateEngine(host, config.settings);
  const directory = posix.dirname(location.socket) as HostPath;
  if (config.podUid === undefined || (await host.files.info(directory)) !== undefined) return location.socket;
  throw new KataError(
    'KATA_ENGINE_HIDDEN',
    `${engine.title} serves this node, but ${directory} is not mounted into this container`,
    {
      exitCode: exitCodes.precondition,
      hint: `add ${kind} to the value containerRuntimes of the chart`,
      details: { directory },
    },
  );
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
