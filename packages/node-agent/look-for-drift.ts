/** Compares the node with the record's current release, reports on the node what others changed, and repairs it. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { describeAction, type NodeFacts, type Plan, readHold, isCleanup } from '@kata/installer';
import {
  readStatus,
  saidBeforeDrift,
  servingChanges,
  servingLabels,
  statusChange,
  versionOf,
} from '@kata/node';
import { bestEffort } from './best-effort.ts';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { makeLabelsTrue, nameReturn, readServing } from './node-truth.ts';
import { noteWatched } from './note-watched.ts';
import { handlersOfOthers } from './own-pods.ts';
import { requireServed, serve, servedBy, type ServedRelease } from './serve.ts';

const longestNote = 900;
/** A handler that stayed for pods which have ended is no drift: the next installation takes it away. */
const asRecorded = { keepsHandlers: true } as const;

/** What differs from the record's current release; `plan` undefined: it cannot be repaired without a payload. */
interface Drift {
  readonly differences: readonly string[];
  readonly plan: Plan | undefined;
  readonly error?: KataError;
}

/** Returns whether there is any. The record says what the node should be; today's settings and payload do not. */
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
    context.report.result('nothing is installed here');
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
    context.report.result(`no drift: release ${current} is as it was installed`);
    // A rollback, or an edit of others, may have brought more to watch.
    await noteWatched(context);
    return node !== undefined && !(await isSetRight(context, node, release));
  }
  const what = drift.differences.join('; ');
  context.report.result(`drifted: ${what}`);
  if (node !== undefined) await reportDrift(context, node, drift, current);
  if (drift.plan !== undefined && repairs) await repair(context, node, release, what);
  return true;
}

/** An engine that does not answer passes; our own files stay unreadable. */
const ownFiles: readonly string[] = [
  'KATA_INSTALLER_RECORD',
  'KATA_INSTALLER_RECORD_NEWER',
  'KATA_INSTALLER_RECORD_LOST',
  'KATA_INSTALLER_JOURNAL',
];

/** Says on the node what lasts, unless whoever met it before has said so. */
async function readFacts(context: AgentContext, node: ClusterNode | undefined): Promise<NodeFacts> {
  try {
    return await context.installation.readFacts();
  } catch (error) {
    if (node === undefined || !(error instanceof KataError) || !ownFiles.includes(error.code)) throw error;
    const said = await node.read().catch(() => undefined);
    const isSaid =
      said !== undefined && readStatus(said, context.config.settings.suffix)?.code === error.code;
    if (!isSaid) await reportDrift(context, node, unreadable(error), undefined);
    throw error;
  }
}

function unreadable(error: KataError): Drift {
  return { differences: [`${error.code}: ${error.message}`], plan: undefined, error };
}

/** Returns whether the node says that it has a release: whoever deleted all of it deleted the record, too. */
async function reportNoRelease(context: AgentContext, node: ClusterNode): Promise<boolean> {
  const { prefix, suffix } = context.config.settings;
  await makeLabelsTrue(context, node);
  const said = readStatus(await node.read(), suffix);
  if (said === undefined || said.phase === 'cleanup-pending') return false;
  if (said.release === '' && said.phase !== 'drifted') return false;
  const error = new KataError(
    'KATA_DRIFT_NO_RELEASE',
    `there is no active release in ${prefix} any more; to install one again, delete the installer's pod of this node`,
  );
  context.report.result(`drifted: ${error.message}`);
  await reportDrift(context, node, { differences: [error.message], plan: undefined, error }, undefined);
  return true;
}

/** A repair that was interrupted, which is a rollback: nobody else goes on with it. */
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
        'the labels stay',
        async () => await makeLabelsTrue(context, node),
        describeError,
      );
    }
    throw new KataError(
      'KATA_DRIFT_INTERRUPTED',
      `a run was interrupted, ${unfinished}: drift is not looked for`,
      {
        exitCode: exitCodes.conflict,
        hint: 'finish it: kata-deploy install --once, or kata-deploy cleanup to remove it',
      },
    );
  }
  context.report.result(`a run was interrupted, ${unfinished}: the switch to release ${release} is finished`);
  const options = release === record?.current ? asRecorded : {};
  const done = servedBy(await context.installation.rollback(release, options));
  await noteWatched(context);
  context.report.result(`repaired: release ${release} is in force`);
  if (node !== undefined) await setRight(context, node, done);
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

/** The API server may be away: that keeps nobody from repairing. */
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
    'the node does not report the drift',
    async () => {
      const before = saidBeforeDrift(readStatus(await node.read(), context.config.settings.suffix));
      const details = { code, message, ...(before === undefined ? {} : { before }) };
      const isNews = await node.setStatus('Drifted', current, details);
      if (isNews) await node.event('Drifted', message);
      await makeLabelsTrue(context, node);
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
  await noteWatched(context);
  context.report.result(`repaired: release ${release.release} is as it was installed`);
  await node?.event('DriftRepaired', `repaired: ${what}`.slice(0, longestNote));
  if (node !== undefined) await setRight(context, node, done);
}

/** Returns false, and the node says so, where no pod can be started although all is as it was installed. */
async function isSetRight(
  context: AgentContext,
  node: ClusterNode,
  release: ServedRelease,
): Promise<boolean> {
  try {
    await setRight(context, node, release);
    return true;
  } catch (error) {
    if (!(error instanceof KataError) || error.code !== 'KATA_DEPLOY_NOT_SERVED') throw error;
    context.report.result(`drifted: ${error.message}`);
    const drift = { differences: [error.message], plan: undefined, error };
    await reportDrift(context, node, drift, release.release);
    return false;
  }
}

/** Labels that are missing come back, and a drift that is gone is no longer reported. What else a node says, it goes on saying. */
async function setRight(context: AgentContext, node: ClusterNode, release: ServedRelease): Promise<void> {
  const { prefix, suffix } = context.config.settings;
  // Also of what others brought, which no look at the release finds.
  await makeLabelsTrue(context, node);
  await nameReturn(context, node, release.release);
  const seen = await node.read();
  const now = readStatus(seen, suffix);
  const said = now?.phase === 'drifted' ? now.before : now;
  const hasDrifted = said !== now;
  if (said?.phase === 'cleanup-pending') {
    // Its labels follow the pods that need them.
    if (hasDrifted)
      await node.say(said, (of) => ({ labels: {}, annotations: statusChange(of, suffix, said) }));
    return;
  }
  const serving = await readServing(context);
  const handlers = requireServed(context.report, release, serving);
  const lacksLabels = Object.keys(servingLabels(suffix, handlers)).some((key) => seen.labels[key] !== 'true');
  if (said === undefined || said.phase === 'installed') {
    const isHeld = (await readHold(context.host, prefix)) !== undefined;
    if (hasDrifted || lacksLabels || said?.release !== release.release) {
      await serve(context, node, release, isHeld ? 'HeldByAdministrator' : 'Installed');
    }
  } else if (hasDrifted || lacksLabels) {
    const listed = [...serving.listed, ...(await handlersOfOthers(context, node))];
    await node.say(said, (of) => servingChanges(of, suffix, handlers, listed, said));
  }
}
