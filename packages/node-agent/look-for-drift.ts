/** Compares the node with the record's current release, reports the differences on the node, and repairs them. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { describeAction, type NodeFacts, type Plan, readHold, isCleanup } from '@kata/installer';
import {
  readStatus,
  statusBeforeDrift,
  servingChanges,
  servingLabels,
  statusChange,
  versionOf,
} from '@kata/node';
import { bestEffort } from './best-effort.ts';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { isOver, reportRecovered } from './recovery.ts';
import { removeStaleLabels, reportRecreatedNode, readServing } from './stale-labels.ts';
import { updateWatchList } from './update-watch-list.ts';
import { handlersOfOthers } from './own-pods.ts';
import { requireServed, serve, servedBy, type ServedRelease } from './serve.ts';

const longestNote = 900;
/** A handler that was retained for pods which have ended is no drift: the next installation removes it. */
const asRecorded = { keepsHandlers: true } as const;

/** Differences from the record's current release; `plan` undefined: they cannot be repaired without a payload. */
interface Drift {
  readonly differences: readonly string[];
  readonly plan: Plan | undefined;
  readonly error?: KataError;
}

/** Returns whether there is any. Compared is with the record, not with today's settings and payload. */
export async function lookForDrift(
  context: AgentContext,
  repairs: boolean = context.config.drift === 'repair',
): Promise<boolean> {
  const node = openClusterNode(context);
  const facts = await readFacts(context, node);
  if (facts.unfinished !== undefined) {
    await finish(context, node, facts, repairs);
    return true;
  }
  const current = facts.record?.current ?? undefined;
  if (facts.record === undefined || current === undefined) {
    context.report.result('nothing is installed on this node');
    return node !== undefined && (await reportNoRelease(context, node));
  }
  const release: ServedRelease = {
    release: current,
    version: versionOf(current),
    handlers: facts.record.handlers,
    restartedEngine: false,
    restartedKubelet: false,
  };
  const drift = await findDrift(context, current, facts);
  if (drift === undefined) {
    context.report.result(`no drift: release ${current} is unchanged`);
    // A rollback or a foreign edit may have added directories.
    await updateWatchList(context);
    return node !== undefined && !(await restoreOrReport(context, node, release));
  }
  const what = drift.differences.join('; ');
  context.report.result(`drifted: ${what}`);
  if (node !== undefined) await reportDrift(context, node, drift, current);
  if (drift.plan !== undefined && repairs) await repair(context, node, release, what);
  return true;
}

/** Unlike an unresponsive engine, these stay until somebody repairs our files. */
const ownFiles: readonly string[] = [
  'KATA_INSTALLER_RECORD',
  'KATA_INSTALLER_RECORD_NEWER',
  'KATA_INSTALLER_RECORD_LOST',
  'KATA_INSTALLER_JOURNAL',
];

/** Reports such an error on the node, unless the node reports it already. */
async function readFacts(context: AgentContext, node: ClusterNode | undefined): Promise<NodeFacts> {
  try {
    return await context.installation.readFacts();
  } catch (error) {
    if (node === undefined || !(error instanceof KataError) || !ownFiles.includes(error.code)) throw error;
    const seen = await node.read().catch(() => undefined);
    const isReported =
      seen !== undefined && readStatus(seen, context.config.settings.suffix)?.code === error.code;
    if (!isReported) await reportDrift(context, node, unreadable(error), undefined);
    throw error;
  }
}

function unreadable(error: KataError): Drift {
  return { differences: [`${error.code}: ${error.message}`], plan: undefined, error };
}

/** Returns whether the node reports a release: then everything was deleted, including the record. */
async function reportNoRelease(context: AgentContext, node: ClusterNode): Promise<boolean> {
  const { prefix, suffix } = context.config.settings;
  await removeStaleLabels(context, node);
  const reported = readStatus(await node.read(), suffix);
  if (reported === undefined || reported.phase === 'cleanup-pending') return false;
  if (reported.release === '' && reported.phase !== 'drifted') return false;
  const error = new KataError(
    'KATA_DRIFT_NO_RELEASE',
    `the active release in ${prefix} was deleted; to install it again, delete the installer's pod of this node`,
  );
  context.report.result(`drifted: ${error.message}`);
  await reportDrift(context, node, { differences: [error.message], plan: undefined, error }, undefined);
  return true;
}

/** Finishes an interrupted repair, which is a rollback; other interrupted runs belong to the installer. */
async function finish(
  context: AgentContext,
  node: ClusterNode | undefined,
  { goal, unfinished, record }: Pick<NodeFacts, 'goal' | 'unfinished' | 'record'>,
  repairs: boolean,
): Promise<void> {
  const release = goal?.command === 'rollback' ? goal.release : undefined;
  if (release === undefined || !repairs) {
    if (node !== undefined) {
      await bestEffort(
        context,
        'the labels of the node are not updated',
        async () => await removeStaleLabels(context, node),
        describeError,
      );
    }
    throw new KataError(
      'KATA_DRIFT_INTERRUPTED',
      `drift is not checked: an earlier run was interrupted (${unfinished}) and must be finished first`,
      {
        exitCode: exitCodes.conflict,
        hint: 'to finish it: kata-deploy install --once; to remove the installation: kata-deploy cleanup',
      },
    );
  }
  context.report.result(`finishing the interrupted switch to release ${release}`);
  const options = release === record?.current ? asRecorded : {};
  const done = servedBy(await context.installation.rollback(release, options));
  await updateWatchList(context);
  context.report.result(`repaired: release ${release} is active`);
  if (node !== undefined) await restoreStatus(context, node, done);
}

async function findDrift(
  { installation }: AgentContext,
  current: string,
  facts: NodeFacts,
): Promise<Drift | undefined> {
  try {
    const plan = await installation.planRollback(current, asRecorded, facts);
    const found = plan.actions.filter((action) => !isCleanup(action));
    return found.length === 0 ? undefined : { differences: found.map(describeAction), plan };
  } catch (error) {
    if (!(error instanceof KataError) || error.exitCode === exitCodes.temporary) throw error;
    return unreadable(error);
  }
}

/** Best effort: drift is repaired also while the API server does not answer. */
async function reportDrift(
  context: AgentContext,
  node: ClusterNode,
  { differences, error }: Drift,
  current: string | undefined,
): Promise<void> {
  const { code = 'KATA_DEPLOY_DRIFTED' } = error ?? {};
  const message = differences.join('; ').slice(0, longestNote);
  await bestEffort(
    context,
    'the drift cannot be reported on the node',
    async () => {
      const before = statusBeforeDrift(readStatus(await node.read(), context.config.settings.suffix));
      const details = { code, message, ...(before === undefined ? {} : { before }) };
      const isNew = await node.setStatus('Drifted', current, details);
      if (isNew) await node.event('Drifted', message);
      await removeStaleLabels(context, node);
    },
    describeError,
  );
}

async function repair(
  context: AgentContext,
  node: ClusterNode | undefined,
  release: ServedRelease,
  what: string,
): Promise<void> {
  const done = servedBy(await context.installation.rollback(release.release, asRecorded));
  await updateWatchList(context);
  context.report.result(`repaired: release ${release.release} is as it was installed`);
  await node?.event('DriftRepaired', `repaired: ${what}`.slice(0, longestNote));
  if (node !== undefined) await restoreStatus(context, node, done);
}

/** Returns false, and reports drift, where nothing differs from the release and yet no handler can start a pod. */
async function restoreOrReport(
  context: AgentContext,
  node: ClusterNode,
  release: ServedRelease,
): Promise<boolean> {
  try {
    await restoreStatus(context, node, release);
    return true;
  } catch (error) {
    if (!(error instanceof KataError) || error.code !== 'KATA_DEPLOY_NOT_SERVED') throw error;
    context.report.result(`drifted: ${error.message}`);
    const drift = { differences: [error.message], plan: undefined, error };
    await reportDrift(context, node, drift, release.release);
    return false;
  }
}

/** Restores missing labels and the status from before the drift. Of other statuses, a failure that is over ends. */
async function restoreStatus(
  context: AgentContext,
  node: ClusterNode,
  release: ServedRelease,
): Promise<void> {
  const { prefix, suffix } = context.config.settings;
  // Includes files that only an administrator's configuration names, which are not part of the release.
  await removeStaleLabels(context, node);
  await reportRecreatedNode(context, node, release.release);
  const seen = await node.read();
  const now = readStatus(seen, suffix);
  const reported = now?.phase === 'drifted' ? now.before : now;
  const hasDrifted = reported !== now;
  if (reported?.phase === 'cleanup-pending') {
    // Only the labels that its pods need stay.
    if (hasDrifted)
      await node.writeStatus(reported, (of) => ({
        labels: {},
        annotations: statusChange(of, suffix, reported),
      }));
    return;
  }
  const serving = await readServing(context);
  const handlers = requireServed(context.report, release, serving);
  const isLabelMissing = Object.keys(servingLabels(suffix, handlers)).some(
    (key) => seen.labels[key] !== 'true',
  );
  const hasRecovered = reported !== undefined && (await isOver(context, node, reported, release.release));
  if (reported === undefined || reported.phase === 'installed' || hasRecovered) {
    const isHeld = (await readHold(context.host, prefix)) !== undefined;
    if (hasDrifted || isLabelMissing || reported?.release !== release.release || hasRecovered) {
      await serve(context, node, release, isHeld ? 'HeldByAdministrator' : 'Installed');
    }
    if (hasRecovered) await reportRecovered(context, node, reported, release.release);
  } else if (hasDrifted || isLabelMissing) {
    const listed = [...serving.listed, ...(await handlersOfOthers(context, node))];
    await node.writeStatus(reported, (of) => servingChanges(of, suffix, handlers, listed, reported));
  }
}
