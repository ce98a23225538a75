/** Removes the installation from the node, as far as running pods allow, and says so on the node object. */
import { exitCodes, KataError } from '@kata/core';
import {
  type FreedRelease,
  handlersOfOurFiles,
  isNamedForAnother,
  namePods,
  type Removal,
  type RunningSandbox,
  sandboxNotes,
  uniteSandboxes,
  retainedHandlers,
} from '@kata/installer';
import { handlerLabel } from '@kata/kata';
import { demotedChanges, isTouched, pendingChanges, readStatus, removedChanges } from '@kata/node';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { deleteRbac } from './retained-rbac.ts';
import { seesLegacyInstaller } from './legacy-installer.ts';
import { listOwnPods } from './own-pods.ts';
import { underLock } from './under-lock.ts';

/** `unwanted`: nothing was changed. */
export type RemovalOutcome = 'removed' | 'pending' | 'unwanted';

interface Work {
  readonly context: AgentContext;
  readonly node: ClusterNode | undefined;
  readonly removal: Removal;
  /** An installer that writes no marks also serves this node. */
  readonly hasLegacy: boolean;
}

/** `isWanted`: asked first of all under the lock. */
export async function removeFromNode(
  context: AgentContext,
  isWanted: () => Promise<boolean> = async () => true,
): Promise<RemovalOutcome> {
  const node = openClusterNode(context);
  return await underLock(context, 'cleanup', async () =>
    (await isWanted()) ? await removeUnderLock(context, node) : 'unwanted',
  );
}

/** Looks, takes the labels down, looks again, and removes: or the labels come back, for pods need them. */
async function removeUnderLock(
  context: AgentContext,
  node: ClusterNode | undefined,
): Promise<RemovalOutcome> {
  const { installation, config } = context;
  const removal = await reportFailure(node, async () => await installation.planRemoval());
  // Asked before anything changes: whoever cannot ask does not know.
  const hasLegacy = node !== undefined && (await seesLegacyInstaller(config, node));
  const work: Work = { context, node, removal, hasLegacy };
  if (removal.plan.blocked !== undefined) return await stayBlocked(work);
  if (node !== undefined && removal.facts.record === undefined) await refuseElsewhere(work, node);
  const first = await lookAround(work, removal.facts.sandboxView.running);
  if (first.length > 0) return await stayPending(work, first);
  if (node !== undefined) {
    await demote(work, node);
    const { running } = await installation.readSandboxes(handlersOfOurFiles(removal.facts.engine));
    const second = await lookAround(work, running);
    if (second.length > 0) return await stayPending(work, second);
  }
  const left = await remove(work);
  if (left.length > 0) return await stayPending(work, left);
  if (node !== undefined) await forget(work, node);
  const { plan, facts } = removal;
  context.report.result(
    facts.record === undefined ? plan.notes.join('\n') : describeRemoval(installation.freed),
  );
  return 'removed';
}

/**
 * There is nothing here, and yet the node has a release: it is in another place, or nobody knows.
 * @throws KataError `KATA_REMOVAL_ELSEWHERE`
 */
async function refuseElsewhere({ context, removal }: Work, node: ClusterNode): Promise<void> {
  const { prefix, suffix } = context.config.settings;
  const seen = await node.read();
  const release = readStatus(seen, suffix)?.release ?? '';
  if (release === '') return;
  const { problem, served = [] } = removal.facts.engine;
  const listed = served.filter(
    (name) => seen.labels[handlerLabel(name)] === 'true' && !isNamedForAnother(name, seen.labels, suffix),
  );
  if (problem === undefined && listed.length === 0) return;
  const sign = problem === undefined ? `the container runtime lists ${listed.join(', ')}` : problem.message;
  throw new KataError(
    'KATA_REMOVAL_ELSEWHERE',
    `nothing is removed: node "${node.name}" reports release ${release}, but there is no installation in ${prefix}, and ${sign}`,
    {
      exitCode: exitCodes.precondition,
      hint:
        problem === undefined
          ? 'run it again with the INSTALLATION_PREFIX and MULTI_INSTALL_SUFFIX of the installation (values env.installationPrefix, env.multiInstallSuffix); where it is really gone: kata-deploy reset'
          : 'when the container runtime answers, run: kata-deploy cleanup',
    },
  );
}

/** With the pods that are bound to the node, of which the engine may know nothing yet. */
async function lookAround(
  { context, node, removal }: Work,
  running: readonly RunningSandbox[],
): Promise<readonly RunningSandbox[]> {
  const { record } = removal.facts;
  if (record === undefined) return [];
  if (node === undefined) return running;
  return uniteSandboxes(running, await listOwnPods(context, node, record));
}

async function remove({ context, node, removal }: Work): Promise<readonly RunningSandbox[]> {
  return await reportFailure(node, async () => await context.installation.remove(removal));
}

async function reportFailure<T>(node: ClusterNode | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isFailure = error instanceof KataError && error.exitCode !== exitCodes.terminated;
    if (isFailure) await node?.event('RemovalFailed', `${error.code}: ${error.message}`);
    throw error;
  }
}

/** The labels stay as they are: pods may be running. */
async function stayBlocked({ context, node, removal }: Work): Promise<RemovalOutcome> {
  const { record } = removal.facts;
  for (const note of removal.plan.notes) context.report.note(note);
  context.report.note('when it answers again, run: kata-deploy cleanup');
  const isNews = await node?.setStatus('RuntimeUnresponsive', record?.current ?? undefined);
  if (isNews === true) await node?.event('CleanupPending', removal.plan.blocked ?? '');
  return 'pending';
}

/** The labels that these pods need stay, or come back: kubelet admits its pods anew when it starts. */
async function stayPending(
  { context, node, removal }: Work,
  running: readonly RunningSandbox[],
): Promise<RemovalOutcome> {
  const { record, engine, sandboxView } = removal.facts;
  const note = `cleanup pending: ${running.length} Kata pods are still running (${namePods(running)}); when they have ended, run: kata-deploy cleanup`;
  context.report.note(note);
  for (const more of sandboxNotes(sandboxView)) context.report.note(more);
  if (node === undefined) return 'pending';
  const handlers = record?.handlers ?? [];
  const retained = retainedHandlers(
    running,
    handlers.map(({ name }) => name),
  );
  const { suffix } = context.config.settings;
  const status = await node.status('SandboxesLive', record?.current ?? undefined);
  const isNews = await node.say(status, (seen) =>
    pendingChanges(seen, suffix, { handlers, retained, served: engine.served }, status),
  );
  context.report.note(
    `the labels that they need stay on node "${node.name}": where their RuntimeClasses still exist, "kubectl cordon ${node.name}" keeps new ones away`,
  );
  if (isNews) await node.event('CleanupPending', note);
  return 'pending';
}

/** Of a run that finishes an earlier one: only what it removed itself. */
function describeRemoval(freed: readonly FreedRelease[]): string {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const all = freed.reduce((sum, { bytes }) => sum + bytes, 0);
  const each = freed.map(({ release, bytes }) => `${release} ${megabytes(bytes)}`).join(', ');
  const what = freed.length === 0 ? '' : ` ${megabytes(all)} are free again: ${each}.`;
  return `Kata is removed from this node.${what}`;
}

/** No new pod may come while we remove what it would need. */
async function demote({ context, removal, hasLegacy }: Work, node: ClusterNode): Promise<void> {
  const { suffix } = context.config.settings;
  const { record } = removal.facts;
  const status = await node.status('Removing', record?.current ?? undefined);
  await node.say(status, (seen) => {
    // A node that never had anything gets no label only to lose it.
    if (record === undefined && !isTouched(seen, suffix)) return {};
    return demotedChanges(seen, suffix, record?.handlers ?? [], hasLegacy, status);
  });
}

async function forget({ context, removal, hasLegacy }: Work, node: ClusterNode): Promise<void> {
  const { config } = context;
  const { suffix } = config.settings;
  const handlers = removal.facts.record?.handlers ?? [];
  const changed = await node.patch((seen) => removedChanges(seen, suffix, handlers, hasLegacy));
  if (changed) await node.event('Removed', 'Kata is removed from this node');
  await deleteRbac(context, node);
}
