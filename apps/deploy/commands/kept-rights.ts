/** The identity that outlives the release: who owns what of it, and when it goes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KataError } from '@kata/core';
import type { DeployConfig } from '../config.ts';
import type { ClusterNode } from './cluster-node.ts';
import { say } from './session.ts';

/** So that the garbage collector takes service account and binding when the last node deletes the ClusterRole. */
export async function keepRights(config: DeployConfig, node: ClusterNode): Promise<void> {
  await bestEffort('service account and binding have no owner', async () => {
    await node.cluster.ownRights(rightsNames(config));
  });
}

/** Helm makes the rights of a release a moment before its DaemonSet. */
const betweenRightsAndDaemonSetMs = 5000;

/** The last node of an installation deletes its ClusterRole. Its own mark must be gone already. */
export async function releaseRights(config: DeployConfig, node: ClusterNode): Promise<void> {
  await bestEffort('the ClusterRole stays', async () => {
    const { cluster } = node;
    // Seen first, and only what was seen is deleted: a release that is installed meanwhile changes it.
    const seen = await cluster.readRights(rightsNames(config));
    if (seen === undefined) return;
    const left = await touchedNodes(config, node);
    if (left.length > 0) {
      const names = left.slice(0, 5).join(', ');
      say(`not the last node, ${left.length} left: ${names}${left.length > 5 ? ', …' : ''}`);
      return;
    }
    // One that was installed before we looked has its DaemonSet by then.
    await sleep(betweenRightsAndDaemonSetMs);
    const daemonSet = await cluster.readDaemonSet(config.namespace, config.daemonSet);
    if (daemonSet !== undefined && !daemonSet.beingDeleted) return;
    const isDeleted = await cluster.deleteRights(rightsNames(config), seen);
    say(
      isDeleted
        ? 'the last node: its rights are removed, too'
        : 'the rights stay: a release was installed anew meanwhile',
    );
  });
}

/** Labels are found quickly; only when there are none all nodes are looked at, for one that is held has no label. */
async function touchedNodes(config: DeployConfig, node: ClusterNode): Promise<readonly string[]> {
  const { instanceLabel } = await import('@kata/kata');
  const { isTouched } = await import('@kata/node');
  const { suffix } = config.settings;
  const marked = await node.cluster.listNodes(instanceLabel(suffix));
  if (marked.length > 0) return marked.map(({ name }) => name);
  const all = await node.cluster.listNodes();
  return all.filter((one) => isTouched(one, suffix)).map(({ name }) => name);
}

/** Charts of others have rights with other names, and give none to change them. */
async function bestEffort(consequence: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    say(`${consequence}: ${error.message}`);
  }
}

function rightsNames(config: DeployConfig): { readonly namespace: string; readonly name: string } {
  return { namespace: config.namespace, name: config.daemonSet };
}
