/**
 * The RBAC that stays when the Helm release is deleted, for the removal: its owner references and its deletion. Best
 * effort, because upstream's chart has other names and does not allow these changes.
 */
import { instanceLabel } from '@kata/kata';
import { isTouched } from '@kata/node';
import { bestEffort } from './best-effort.ts';
import type { ClusterNode } from './cluster-node.ts';
import type { AgentConfig, AgentContext } from './context.ts';

/** Makes the garbage collector delete ServiceAccount and binding when the last node deletes the ClusterRole. */
export async function retainRbac(context: AgentContext, node: ClusterNode): Promise<void> {
  await bestEffort(context, 'ServiceAccount and ClusterRoleBinding get no owner reference', async () => {
    await node.cluster.ownRbac(rbacNames(context.config));
  });
}

/** Helm creates the RBAC of a release a moment before its DaemonSet. */
const betweenRbacAndDaemonSetMs = 5000;

/** Deletes the ClusterRole on the last node of an installation. This node's own label must be gone already. */
export async function deleteRbac(context: AgentContext, node: ClusterNode): Promise<void> {
  await bestEffort(context, 'the ClusterRole is not deleted', async () => {
    const { cluster } = node;
    const { config, report, clock } = context;
    // Only this version of it is deleted: a release that is installed meanwhile changes it.
    const seen = await cluster.readRbac(rbacNames(config));
    if (seen === undefined) return;
    const left = await touchedNodes(config, node);
    if (left.length > 0) {
      const names = left.slice(0, 5).join(', ');
      report.note(
        `the ClusterRole stays, because other nodes still have this installation (${left.length}): ${names}${left.length > 5 ? ', …' : ''}`,
      );
      return;
    }
    // A release that was installed before that has its DaemonSet by then.
    await clock.sleep(betweenRbacAndDaemonSetMs);
    const daemonSet = await cluster.readDaemonSet(config.namespace, config.daemonSet);
    if (daemonSet !== undefined && !daemonSet.beingDeleted) return;
    const isDeleted = await cluster.deleteRbac(rbacNames(config), seen);
    report.note(
      isDeleted
        ? 'this was the last node: its RBAC is deleted'
        : 'the RBAC stays: the release is being installed again',
    );
  });
}

/** Listing by label is cheap; a held node has no label, so without any all nodes are read. */
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
