/** Removes Kata's labels and annotations from the Node object: the last resort when a cleanup is not possible. */
import { emptyRecord, namePods, uniteSandboxes, retainedHandlers } from '@kata/installer';
import { instanceLabel } from '@kata/kata';
import { decideSharedLabel, neededLabels, type NodeChanges, removedChanges } from '@kata/node';
import { type AgentContext, requireNode } from './context.ts';
import { openCluster } from './open-cluster.ts';
import { listOwnPods } from './own-pods.ts';
import { underLock } from './under-lock.ts';

export interface ResetPlan extends NodeChanges {
  /** Only when no other installation is left on the node. */
  readonly restartsEngine: boolean;
  /** Consequences of that restart for the user. */
  readonly notes: readonly string[];
  /** Names of pods whose labels stay. */
  readonly runningPods: string;
}

/** Returns what it did. */
export async function reset(context: AgentContext): Promise<ResetPlan> {
  return await underLock(context, 'reset', async () => {
    const plan = await planReset(context);
    const { labels, annotations, restartsEngine } = plan;
    await openCluster(context).patchNode(requireNode(context.config), { labels, annotations });
    if (restartsEngine) await context.installation.restartEngine();
    return plan;
  });
}

export async function planReset(context: AgentContext): Promise<ResetPlan> {
  const { config, installation } = context;
  const cluster = openCluster(context);
  const node = await cluster.readNode(requireNode(config));
  const { suffix } = config.settings;
  const { record, sandboxView, engine } = await installation.readFacts();
  const { handlers } = record ?? emptyRecord;
  const bound = await listOwnPods(context, { cluster, name: node.name }, record ?? emptyRecord);
  const running = uniteSandboxes(sandboxView.running, bound);
  if (running.length > 0) {
    const retained = retainedHandlers(
      running,
      handlers.map(({ name }) => name),
    );
    const labels = neededLabels(suffix, { handlers, retained, served: engine.served });
    return { labels, annotations: {}, restartsEngine: false, notes: [], runningPods: namePods(running) };
  }
  const ownLabel = instanceLabel(suffix);
  const shared = decideSharedLabel({ nodeLabels: node.labels, ownLabel, hasLegacy: false });
  const restartsEngine = shared === 'remove';
  return {
    ...removedChanges(node, suffix, handlers, false),
    restartsEngine,
    notes: restartsEngine ? (await installation.planRestart()).notes : [],
    runningPods: '',
  };
}
