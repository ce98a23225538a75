/** The pods of this installation that are bound to the node, and the classes that lead to it, as the API server has them. */
import { KataError } from '@kata/core';
import type { OwnershipRecord, RunningSandbox } from '@kata/installer';
import type { ClusterNode } from './cluster-node.ts';
import { say, type Session } from './session.ts';

export async function listOwnPods(
  { config }: Session,
  node: Pick<ClusterNode, 'cluster' | 'name'>,
  { handlers, classes = {} }: Pick<OwnershipRecord, 'handlers' | 'classes'>,
): Promise<readonly RunningSandbox[]> {
  const { ownPods } = await import('@kata/installer');
  const { suffix } = config.settings;
  try {
    const pods = await node.cluster.listBoundPods(node.name);
    return ownPods(pods, { suffix, handlers: handlers.map(({ name }) => name), classes });
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
