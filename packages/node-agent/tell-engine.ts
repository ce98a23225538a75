/** Tells from the node object which engine kubelet uses, where two of them run. */
import { type Clock, KataError } from '@kata/core';
import { activeEngineUnits, detectEngine } from '@kata/engines';
import type { Host } from '@kata/host';
import type { NodeObject } from '@kata/kube';
import type { Settings } from '@kata/settings';
import type { AgentConfig } from './context.ts';

/** `readNode` is called only where the units are not enough, and not when the settings tell. */
export async function tellEngine(
  host: Host,
  settings: Settings,
  readNode: () => Promise<Pick<NodeObject, 'nodeInfo'>>,
): Promise<Settings> {
  if (settings.containerRuntimeVersion !== undefined || !(await isAmbiguous(host, settings))) return settings;
  const { nodeInfo } = await readNode();
  return { ...settings, containerRuntimeVersion: String(nodeInfo['containerRuntimeVersion']) };
}

/** The same for a pod, which can read its node object. */
export async function tellEngineOfPod<Config extends AgentConfig>(
  host: Host,
  config: Config,
  clock: Clock,
): Promise<Config> {
  const { nodeName, podUid } = config;
  if (nodeName === undefined || podUid === undefined) return config;
  const settings = await tellEngine(host, config.settings, async () => {
    // Loaded only here, because it is slow.
    const { openCluster } = await import('./open-cluster.ts');
    return await openCluster({ clock }).readNode(nodeName);
  });
  return { ...config, settings };
}

async function isAmbiguous(host: Host, settings: Settings): Promise<boolean> {
  try {
    detectEngine({ ...settings, activeUnits: await activeEngineUnits(host) });
    return false;
  } catch (error) {
    // All else is reported by the run.
    if (error instanceof KataError) return error.code === 'KATA_ENGINE_AMBIGUOUS';
    throw error;
  }
}
