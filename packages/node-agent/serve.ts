/** Reports on the node that it serves a release, and labels the handlers that can start a pod. */
import { exitCodes, KataError } from '@kata/core';
import { type Installed, restartsEngine } from '@kata/installer';
import type { Handler, StatusReason } from '@kata/kata';
import { applyUntilStable, type MetadataChanges, type NodeObject } from '@kata/kube';
import { servingChanges } from '@kata/node';
import { type ClusterNode, withDriftLabel } from './cluster-node.ts';
import type { AgentContext, AgentReport } from './context.ts';
import { removeStaleLabels, readServing, type Serving } from './stale-labels.ts';
import { handlersOfOthers } from './own-pods.ts';

export interface ServedRelease {
  readonly release: string;
  readonly version: string;
  readonly handlers: readonly Handler[];
  /** kubelet needs a while to learn the new handlers. */
  readonly restartedEngine: boolean;
  /** kubelet may write labels of its own when it starts. */
  readonly restartedKubelet: boolean;
}

export function servedBy(installed: Installed): ServedRelease {
  const { release, version, handlers, plan, restartedKubelet } = installed;
  return { release, version, handlers, restartedEngine: restartsEngine(plan), restartedKubelet };
}

const stable = { observations: 3, intervalMs: 1000, rounds: 12 };

/** Labels the node, waits until the labels stay if kubelet restarted, and removes the startup taints. */
export async function serve(
  context: AgentContext,
  node: ClusterNode,
  release: ServedRelease,
  reason: StatusReason = 'Installed',
): Promise<void> {
  const { report, clock } = context;
  const { suffix, startupTaints } = context.config.settings;
  const serving = await readServing(context);
  const handlers = requireServed(report, release, serving);
  const listed = [...serving.listed, ...(await handlersOfOthers(context, node))];
  const status = await node.status(reason, release.release);
  const changes = (seen: NodeObject): MetadataChanges =>
    withDriftLabel(servingChanges(seen, suffix, handlers, listed, status), suffix, status);
  if (release.restartedKubelet) {
    await applyUntilStable(node.cluster, node.name, changes, { ...stable, clock });
  } else {
    await node.patch(changes);
    if (!release.restartedEngine) await warnOfUnregistered(report, node, release);
  }
  if (handlers.length < release.handlers.length) await removeStaleLabels(context, node);
  if (startupTaints.length === 0) return;
  const lifted = await node.cluster.removeTaints(node.name, startupTaints);
  if (lifted.length > 0)
    report.note(`removed taints: ${lifted.map((t) => `${t.key}:${t.effect}`).join(', ')}`);
}

async function warnOfUnregistered(
  report: AgentReport,
  node: ClusterNode,
  { handlers }: ServedRelease,
): Promise<void> {
  const { runtimeHandlers } = await node.read();
  if (runtimeHandlers.length === 0) return;
  const unknown = handlers.filter(({ name }) => !runtimeHandlers.includes(name));
  if (unknown.length === 0) return;
  report.note(`warning: kubelet has not registered ${unknown.map(({ name }) => name).join(', ')} yet`);
}

/**
 * Returns those that get a label: one whose files are not all there gets none, with a warning.
 * @throws KataError `KATA_DEPLOY_NOT_SERVED` when none gets a label, or when the engine does not list all.
 */
export function requireServed(
  report: AgentReport,
  { release, handlers }: ServedRelease,
  { listed, usable }: Serving,
): readonly Handler[] {
  const namesWithout = (served: readonly string[]): string =>
    handlers.flatMap(({ name }) => (served.includes(name) ? [] : name)).join(', ');
  const [unlisted, unusable] = [namesWithout(listed), namesWithout(usable)];
  const labelled = handlers.filter(({ name }) => usable.includes(name));
  const damage = `a file of ${unusable} of release ${release} is missing or damaged`;
  if (unlisted === '' && labelled.length > 0) {
    if (unusable !== '') {
      report.note(`warning: ${damage}, so it gets no label; for details, run: kata-deploy verify`);
    }
    return labelled;
  }
  const why =
    unlisted === '' ? damage : `the container runtime does not serve ${unlisted} of release ${release}`;
  throw new KataError('KATA_DEPLOY_NOT_SERVED', `the node is not labelled: ${why}`, {
    exitCode: exitCodes.verification,
    hint: 'to see what is missing, run: kata-deploy verify',
  });
}
