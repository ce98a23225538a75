/** Reads from the API server which pods of this installation are bound to the node, and its RuntimeClasses. */
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

/** Names of the handlers whose labels pods of other installations need. Only those installations remove them. */
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
    // Upstream's chart does not allow it.
    if (!(error instanceof KataError) || error.code !== 'KATA_KUBE_FORBIDDEN') throw error;
    report.note(`pods that have no sandbox yet are not counted: ${error.message}`);
    return [];
  }
}

/** Call it under the lock. When Helm has deleted the RuntimeClasses, the record still tells which pods are ours. */
export async function recordRuntimeClasses(context: AgentContext, node: ClusterNode): Promise<void> {
  const { host, config } = context;
  await bestEffort(context, 'the RuntimeClasses are not recorded', async () => {
    await recordClasses(host, config.settings.prefix, await node.cluster.listRuntimeClasses());
  });
}
