/** The pods of this installation that are bound to the node, and the classes that lead to it, as the API server has them. */
import { KataError } from '@kata/core';
import {
  type BoundPod,
  isOfAnother,
  type OwnershipRecord,
  ownPods,
  recordClasses,
  type RunningSandbox,
} from '@kata/installer';
import { type Handler, labels } from '@kata/kata';
import { bestEffort } from './best-effort.ts';
import type { ClusterNode } from './cluster-node.ts';
import type { AgentContext, AgentReport } from './context.ts';

export async function listOwnPods(
  { config, report }: AgentContext,
  node: Pick<ClusterNode, 'cluster' | 'name'>,
  own: {
    readonly handlers: readonly Pick<Handler, 'name'>[];
    readonly classes?: OwnershipRecord['classes'];
  },
): Promise<readonly RunningSandbox[]> {
  const { handlers, classes = {} } = own;
  const { suffix } = config.settings;
  const names = handlers.map(({ name }) => name);
  return ownPods(await listBoundPods(report, node), { suffix, handlers: names, classes });
}

/** Names of the handlers whose labels pods of other installations need: theirs to take back, whatever the engine lists. */
export async function handlersOfOthers(
  { config, report }: AgentContext,
  node: Pick<ClusterNode, 'cluster' | 'name'>,
): Promise<readonly string[]> {
  const pods = await listBoundPods(report, node);
  return pods
    .filter(({ nodeSelector }) => isOfAnother(nodeSelector, config.settings.suffix))
    .flatMap(({ nodeSelector }) => Object.keys(nodeSelector))
    .filter((key) => key.startsWith(labels.handlerPrefix))
    .map((key) => key.slice(labels.handlerPrefix.length));
}

async function listBoundPods(
  report: AgentReport,
  { cluster, name }: Pick<ClusterNode, 'cluster' | 'name'>,
): Promise<readonly BoundPod[]> {
  try {
    return await cluster.listBoundPods(name);
  } catch (error) {
    // Charts of others do not give all rights.
    if (!(error instanceof KataError) || error.code !== 'KATA_KUBE_FORBIDDEN') throw error;
    report.note(`pods that the container runtime does not list yet do not count: ${error.message}`);
    return [];
  }
}

/** Under the lock. Later, when Helm has deleted the classes, the record still tells whose their pods are. */
export async function noteClasses(context: AgentContext, node: ClusterNode): Promise<void> {
  const { host, config } = context;
  await bestEffort(context, 'RuntimeClasses are not recorded', async () => {
    await recordClasses(host, config.settings.prefix, await node.cluster.listRuntimeClasses());
  });
}
