/**
 * The RBAC that is retained when the release goes: who owns what of it, and when it is deleted. Charts of others have rights with other
 * names, and give none to change them: so it is done where it can be.
 */
import { instanceLabel } from '@kata/kata';
import { isTouched } from '@kata/node';
import { bestEffort } from './best-effort.ts';
import type { ClusterNode } from './cluster-node.ts';
import type { AgentConfig, AgentContext } from './context.ts';

/** So that the garbage collector takes service account and binding when the last node deletes the ClusterRole. */
export async function retainRbac(context: AgentContext, node: ClusterNode): Promise<void> {
  await bestEffort(context, 'service account and binding have no owner', async () => {
    await node.cluster.ownRights(rbacNames(context.config));
  });
}

/** Helm makes the rights of a release a moment before its DaemonSet. */
const betweenRightsAndDaemonSetMs = 5000;

/** The last node of an installation deletes its ClusterRole. Its own mark must be gone already. */
export async function deleteRbac(context: AgentContext, node: ClusterNode): Promise<void> {
  await bestEffort(context, 'the ClusterRole stays', async () => {
    const { cluster } = node;
    const { config, report, clock } = context;
    // Seen first, and only what was seen is deleted: a release that is installed meanwhile changes it.
    const seen = await cluster.readRights(rbacNames(config));
    if (seen === undefined) return;
    const left = await touchedNodes(config, node);
    if (left.length > 0) {
      const names = left.slice(0, 5).join(', ');
      report.note(`not the last node, ${left.length} left: ${names}${left.length > 5 ? ', …' : ''}`);
      return;
    }
    // One that was installed before we looked has its DaemonSet by then.
    await clock.sleep(betweenRightsAndDaemonSetMs);
    const daemonSet = await cluster.readDaemonSet(config.namespace, config.daemonSet);
    if (daemonSet !== undefined && !daemonSet.beingDeleted) return;
    const isDeleted = await cluster.deleteRights(rbacNames(config), seen);
    report.note(
      isDeleted
        ? 'the last node: its rights are removed, too'
        : 'the rights stay: a release was installed anew meanwhile',
    );
  });
}

/** Labels are found quickly; only when there are none all nodes are looked at, for one that is held has no label. */
async function touchedNodes(config: AgentConfig, node: ClusterNode): Promise<readonly string[]> {
  const { suffix } = config.settings;
  const marked = await node.cluster.listNodes(instanceLabel(suffix));
  if (marked.length > 0) return marked.map(({ name }) => name);
  const all = await node.cluster.listNodes();
  return all.filter((one) => isTouched(one, suffix)).map(({ name }) => name);
}

function rbacNames(config: AgentConfig): { readonly namespace: string; readonly name: string } {
  return { namespace: config.namespace, name: config.daemonSet };
}
