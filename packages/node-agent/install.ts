/** Installs on a node of a cluster: approval gate, claim, the change itself, labels, status and Events. */
import type { Payload } from '@kata/artifacts';
import { describeError, exitCodes, KataError } from '@kata/core';
import {
  checkSnapshotters,
  type Installed,
  type InstallOptions,
  readRecord,
  setHold,
  wantedHandlers,
} from '@kata/installer';
import { compareVersions, versionOf } from '@kata/node';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { isStop, reportFailure } from './install-failure.ts';
import { reportOffer } from './report-offer.ts';
import { retainRbac } from './retained-rbac.ts';
import { removeStaleLabels, reportRecreatedNode } from './stale-labels.ts';
import { updateWatchList } from './update-watch-list.ts';
import { recordRuntimeClasses } from './own-pods.ts';
import { queryGate, passGate } from './pass-gate.ts';
import { serve, servedBy, type ServedRelease } from './serve.ts';
import { underLock } from './under-lock.ts';

/** Once terminated (SIGTERM), it returns also after a failure: what counts then is the cleanup decision. */
export async function installUntilTerminated(
  context: AgentContext,
  openPayload: () => Promise<Payload>,
  options: InstallOptions,
): Promise<void> {
  try {
    await install(context, openPayload, options);
  } catch (error) {
    if (context.signal?.aborted !== true) throw error;
    const isExpected = error instanceof KataError && isStop(error);
    context.report.note(isExpected ? error.message : describeError(error));
  }
}

/** `openPayload`: its failure is reported on the node, too. */
export async function install(
  context: AgentContext,
  openPayload: () => Promise<Payload>,
  options: InstallOptions = {},
): Promise<void> {
  const node = openClusterNode(context);
  await reportFailure(context, node, async () => {
    const payload = await openPayload();
    // Gate and status included: the next holder of the lock may change both.
    await underLock(context, 'install', async () => {
      const answer = await queryGate(context, node);
      const gate = await passGate(context, node, answer, payload);
      if (gate.kind === 'hold') return;
      const before = (await readRecord(context.host, context.config.settings.prefix))?.current ?? undefined;
      if (node !== undefined) await claimNode(context, node, before);
      const isSwitch = gate.kind === 'switch';
      const installed = isSwitch
        ? await switchTo(context, gate.release)
        : await installPayload(context, payload, options);
      // Following an approval ends a hold that an administrator set before the node was managed.
      if (answer.isManaged) await setHold(context.host, context.config.settings.prefix, undefined);
      await updateWatchList(context, installed.after);
      await reportServing(context, node, { before, done: servedBy(installed), isSwitch });
      if (node !== undefined && isSwitch) await reportOffer(context, node, gate.release, payload);
    });
  });
}

async function installPayload(
  context: AgentContext,
  payload: Payload,
  options: InstallOptions,
): Promise<Installed> {
  await checkSnapshotters(context.engine, wantedHandlers(context.config.settings));
  const installed = await context.installation.install(payload, options);
  for (const note of installed.plan.notes) context.report.note(note);
  if (installed.plan.actions.length === 0) context.report.note('nothing to do');
  return installed;
}

/** Marks the node as ours, with labels only for what it serves. */
async function claimNode(
  context: AgentContext,
  node: ClusterNode,
  current: string | undefined,
): Promise<void> {
  if (current !== undefined) await reportRecreatedNode(context, node, current);
  await removeStaleLabels(context, node);
  await node.claim();
}

async function reportServing(
  context: AgentContext,
  node: ClusterNode | undefined,
  served: Omit<Served, 'note'>,
): Promise<void> {
  const { done } = served;
  refuseWhenTerminated(context);
  if (node !== undefined) await serve(context, node, done);
  const names = done.handlers.map((handler) => handler.name).join(', ');
  const note = `Kata ${done.version} is installed: ${names}`;
  if (node !== undefined) await afterServing(context, node, { ...served, note });
  context.report.result(note);
}

/** The cleanup decision may be to remove the installation: then the node must not be labelled. */
function refuseWhenTerminated({ signal }: AgentContext): void {
  if (signal?.aborted !== true) return;
  throw new KataError('KATA_INSTALLER_STOPPED', 'terminated (SIGTERM) before the node was labelled', {
    exitCode: exitCodes.terminated,
    hint: 'run it again: it resumes where it stopped',
  });
}

/** Also to the current release: that finishes an interrupted switch. */
async function switchTo(context: AgentContext, release: string): Promise<Installed> {
  const done = await context.installation.rollback(release, { holds: false });
  if (done.plan.actions.length === 0)
    context.report.note(`nothing to do: the approved release ${release} is active`);
  return done;
}

interface Served {
  readonly before: string | undefined;
  readonly done: ServedRelease;
  readonly isSwitch: boolean;
  readonly note: string;
}

async function afterServing(context: AgentContext, node: ClusterNode, served: Served): Promise<void> {
  const { before, done, isSwitch, note } = served;
  if (before === undefined) await node.event('Installed', note);
  else if (before !== done.release) {
    const reason = isSwitch ? 'RolledBack' : changeBetween(before, done.version);
    await node.event(reason, `${note}; previous release: ${before}`);
  }
  await recordRuntimeClasses(context, node);
  await retainRbac(context, node);
}

function changeBetween(before: string, version: string): 'Upgraded' | 'Downgraded' | 'Changed' {
  const order = compareVersions(version, versionOf(before));
  if (order === 0) return 'Changed';
  return order > 0 ? 'Upgraded' : 'Downgraded';
}
