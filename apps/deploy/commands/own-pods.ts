/** The pods of this installation that are bound to the node, and the classes that lead to it, as the API server has them. */
import { KataError } from '@kata/core';
import type { BoundPod, HandlerEntry, OwnershipRecord, RunningSandbox } from '@kata/installer';
import type { ClusterNode } from './cluster-node.ts';
import { say, type Session } from './session.ts';

export async function listOwnPods(
  { config }: Session,
  node: Pick<ClusterNode, 'cluster' | 'name'>,
  own: {
    readonly handlers: readonly Pick<HandlerEntry, 'name'>[];
    readonly classes?: OwnershipRecord['classes'];
  },
): Promise<readonly RunningSandbox[]> {
  const { handlers, classes = {} } = own;
  const { ownPods } = await import('@kata/installer');
  const { suffix } = config.settings;
  return ownPods(await listBoundPods(node), { suffix, handlers: handlers.map(({ name }) => name), classes });
}

/** Names of the handlers whose labels pods of other installations need: theirs to take back, whatever the engine lists. */
export async function handlersOfOthers(
  { config }: Session,
  node: Pick<ClusterNode, 'cluster' | 'name'>,
): Promise<readonly string[]> {
  const { isOfAnother } = await import('@kata/installer');
  const { labels } = await import('@kata/kata');
  const pods = await listBoundPods(node);
  return pods
    .filter(({ nodeSelector }) => isOfAnother(nodeSelector, config.settings.suffix))
    .flatMap(({ nodeSelector }) => Object.keys(nodeSelector))
    .filter((key) => key.startsWith(labels.handlerPrefix))
    .map((key) => key.slice(labels.handlerPrefix.length));
}

async function listBoundPods({
  cluster,
  name,
}: Pick<ClusterNode, 'cluster' | 'name'>): Promise<readonly BoundPod[]> {
  try {
    return await cluster.listBoundPods(name);
  } catch (error) {
    // Charts of others do not give all rights.
    if (!(error instanceof KataError) || error.code !== 'KATA_KUBE_FORBIDDEN') throw error;
    say(`pods that the container runtime does not list yet do not count: ${error.message}`);
    return [];
  }
}

/** Under the lock. Later, when Helm has deleted the classes, the record still tells whose their pods are. */
export async function noteClasses(session: Session, node: ClusterNode): Promise<void> {
  const { recordClasses } = await import('@kata/installer');
  const { host, config } = session;
  try {
    await recordClasses(host, config.settings.prefix, await node.cluster.listRuntimeClasses());
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    say(`RuntimeClasses are not recorded: ${error.message}`);
  }
}
