/** Removes the installation from the node, unless pods of it are running, and reports it on the Node object. */
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
import { handlerLabel, type StatusReason } from '@kata/kata';
import { demotedChanges, isTouched, pendingChanges, readStatus, removedChanges } from '@kata/node';
import { cleanupStep, noteWithStep } from './cleanup-step.ts';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { deleteRbac } from './retained-rbac.ts';
import { hasLegacyInstaller } from './legacy-installer.ts';
import { listOwnPods } from './own-pods.ts';
import { removingStatus, reportRemovalFailure } from './removal-failure.ts';
import { underLock } from './under-lock.ts';

/** `unwanted`: nothing was changed. */
export type RemovalOutcome = 'removed' | 'pending' | 'unwanted';

export interface RemovalOptions {
  /** Called first under the lock. */
  readonly isWanted?: () => Promise<boolean>;
  /** The removal is part of the end of its pod. */
  readonly isPodEnding?: boolean;
}

interface Start {
  readonly context: AgentContext;
  readonly node: ClusterNode | undefined;
  /** What finishes the removal if this run cannot. */
  readonly next: string;
}

interface Work extends Start {
  readonly removal: Removal;
  /** An installer that sets no instance label also serves this node. */
  readonly hasLegacy: boolean;
}

export async function removeFromNode(
  context: AgentContext,
  { isWanted, isPodEnding = false }: RemovalOptions = {},
): Promise<RemovalOutcome> {
  const node = openClusterNode(context);
  const next = cleanupStep(context.config, isPodEnding);
  return await underLock(context, 'cleanup', async () => {
    if ((await isWanted?.()) === false) return 'unwanted';
    const work = async (): Promise<RemovalOutcome> => await removeUnderLock({ context, node, next });
    return await reportRemovalFailure(context, node, next, work);
  });
}

/** Looks for pods, removes the labels, looks again, and removes the rest; when pods need the labels, they stay or come back. */
async function removeUnderLock(start: Start): Promise<RemovalOutcome> {
  const { context, node } = start;
  const { installation, config } = context;
  const removal = await installation.planRemoval();
  // Before any change: it fails when the API server does not answer.
  const hasLegacy = node !== undefined && (await hasLegacyInstaller(config, node));
  const work: Work = { ...start, removal, hasLegacy };
  if (removal.plan.blocked !== undefined) return await reportBlocked(work);
  if (node !== undefined && removal.facts.record === undefined) await refuseElsewhere(work, node);
  const first = await findPods(work, removal.facts.sandboxView.running);
  if (first.length > 0) return await reportPending(work, first);
  if (node !== undefined) {
    await demote(work, node);
    const { running } = await installation.readSandboxes(handlersOfOurFiles(removal.facts.engine));
    const second = await findPods(work, running);
    if (second.length > 0) return await reportPending(work, second);
  }
  const left = await installation.remove(removal);
  if (left.length > 0) return await reportPending(work, left);
  if (node !== undefined) await clearNode(work, node);
  const { plan, facts } = removal;
  context.report.result(
    facts.record === undefined ? plan.notes.join('\n') : describeRemoval(installation.freed),
  );
  return 'removed';
}

/**
 * There is nothing under this prefix, and yet the node reports a release and its engine serves it or does not answer.
 * @throws KataError `KATA_REMOVAL_ELSEWHERE`
 */
async function refuseElsewhere({ context, removal, next }: Work, node: ClusterNode): Promise<void> {
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
          ? 'run it again with the INSTALLATION_PREFIX and MULTI_INSTALL_SUFFIX of the installation (chart values env.installationPrefix and env.multiInstallSuffix); if the installation no longer exists: kata-deploy reset'
          : `when the container runtime answers, ${next}`,
    },
  );
}

/** Includes pods that are bound to the node and have no sandbox yet. */
async function findPods(
  { context, node, removal }: Work,
  running: readonly RunningSandbox[],
): Promise<readonly RunningSandbox[]> {
  const { record } = removal.facts;
  if (record === undefined) return [];
  if (node === undefined) return running;
  return uniteSandboxes(running, await listOwnPods(context, node, record));
}

/** The labels stay: pods may be running. */
async function reportBlocked({ context, node, removal, next }: Work): Promise<RemovalOutcome> {
  const { record, engine } = removal.facts;
  const { blocked = '', notes } = removal.plan;
  const todo = `when the container runtime answers again, ${next}`;
  for (const note of [...notes, todo]) context.report.note(note);
  if (node === undefined) return 'pending';
  const before = readStatus(await node.read(), context.config.settings.suffix)?.reason;
  const reason = 'RuntimeUnresponsive' satisfies StatusReason;
  const details = engine.problem && { code: engine.problem.code, message: engine.problem.message };
  await node.setStatus(reason, record?.current ?? undefined, details);
  // Not for each error: it changes with the state of the unit, and the waiter tries again every few seconds.
  if (before !== reason) await node.event('CleanupPending', noteWithStep(blocked, todo));
  return 'pending';
}

/** The labels that these pods need stay, or come back: kubelet admits running pods again when it starts. */
async function reportPending(
  { context, node, removal, next }: Work,
  running: readonly RunningSandbox[],
): Promise<RemovalOutcome> {
  const { record, engine, sandboxView } = removal.facts;
  const pending = `cleanup pending: ${running.length} Kata pods are still running (${namePods(running)})`;
  const todo = `when they have ended, ${next}`;
  context.report.note(`${pending}; ${todo}`);
  for (const more of sandboxNotes(sandboxView)) context.report.note(more);
  if (node === undefined) return 'pending';
  const handlers = record?.handlers ?? [];
  const retained = retainedHandlers(
    running,
    handlers.map(({ name }) => name),
  );
  const { suffix } = context.config.settings;
  const status = await node.status('SandboxesLive', record?.current ?? undefined);
  const isNew = await node.writeStatus(status, (seen) =>
    pendingChanges(seen, suffix, { handlers, retained, served: engine.served }, status),
  );
  context.report.note(
    `node "${node.name}" keeps the labels that these pods need; while their RuntimeClasses exist, new Kata pods may still be scheduled here; to prevent it: kubectl cordon ${node.name}`,
  );
  if (isNew) await node.event('CleanupPending', noteWithStep(pending, todo));
  return 'pending';
}

/** A run that finishes an earlier one names only what it removed itself. */
function describeRemoval(freed: readonly FreedRelease[]): string {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const all = freed.reduce((sum, { bytes }) => sum + bytes, 0);
  const each = freed.map(({ release, bytes }) => `${release} ${megabytes(bytes)}`).join(', ');
  const what = freed.length === 0 ? '' : ` Freed ${megabytes(all)}: ${each}.`;
  return `Kata is removed from this node.${what}`;
}

/** So that no new pod is scheduled here during the removal. */
async function demote({ context, removal, hasLegacy }: Work, node: ClusterNode): Promise<void> {
  const { suffix } = context.config.settings;
  const { record } = removal.facts;
  const { reason, details } = removingStatus(readStatus(await node.read(), suffix));
  const status = await node.status(reason, record?.current ?? undefined, details);
  await node.writeStatus(status, (seen) => {
    // A node that never had a label gets none.
    if (record === undefined && !isTouched(seen, suffix)) return {};
    return demotedChanges(seen, suffix, record?.handlers ?? [], hasLegacy, status);
  });
}

async function clearNode({ context, removal, hasLegacy }: Work, node: ClusterNode): Promise<void> {
  const { config } = context;
  const { suffix } = config.settings;
  const handlers = removal.facts.record?.handlers ?? [];
  const changed = await node.patch((seen) => removedChanges(seen, suffix, handlers, hasLegacy));
  if (changed) await node.event('Removed', 'Kata is removed from this node');
  await deleteRbac(context, node);
}
