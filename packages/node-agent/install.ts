/** What an installation does on its node: gate, claim, the change itself, and what is reported of it. */
import type { Payload } from '@kata/artifacts';
import { describeError, exitCodes, KataError } from '@kata/core';
import {
  checkSnapshotters,
  type Installed,
  type InstallOptions,
  readRecord,
  wantedHandlers,
} from '@kata/installer';
import { compareVersions, versionOf } from '@kata/node';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { isStop, reportFailure } from './install-failure.ts';
import { retainRbac } from './retained-rbac.ts';
import { makeLabelsTrue, nameReturn } from './node-truth.ts';
import { noteWatched } from './note-watched.ts';
import { noteClasses } from './own-pods.ts';
import { askGate, passGate } from './pass-gate.ts';
import { serve, servedBy, type ServedRelease } from './serve.ts';
import { underLock } from './under-lock.ts';

/** Told to end, it ends after the step that goes on: the decision is what counts then, whatever failed. */
export async function installUnlessTold(
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

/** `openPayload`: that there is none that can be used is said on the node, too. */
export async function install(
  context: AgentContext,
  openPayload: () => Promise<Payload>,
  options: InstallOptions = {},
): Promise<void> {
  const node = openClusterNode(context);
  await reportFailure(context, node, async () => {
    const payload = await openPayload();
    // Also what the gate answers, and what is said on the node: whoever has the lock next may say something else.
    await underLock(context, 'install', async () => {
      const gate = await passGate(context, node, await askGate(context, node), payload);
      if (gate.kind === 'hold') return;
      const before = (await readRecord(context.host, context.config.settings.prefix))?.current ?? undefined;
      if (node !== undefined) await claimNode(context, node, before);
      const isSwitch = gate.kind === 'switch';
      const installed = isSwitch
        ? await switchTo(context, gate.release)
        : await installPayload(context, payload, options);
      await noteWatched(context, installed.after);
      await reportServing(context, node, { before, done: servedBy(installed), isSwitch });
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

/** From now on the node says that there is something of ours, and no more than is true. */
async function claimNode(
  context: AgentContext,
  node: ClusterNode,
  current: string | undefined,
): Promise<void> {
  if (current !== undefined) await nameReturn(context, node, current);
  await makeLabelsTrue(context, node);
  await node.claim();
}

async function reportServing(
  context: AgentContext,
  node: ClusterNode | undefined,
  served: Omit<Served, 'note'>,
): Promise<void> {
  const { done } = served;
  refuseWhenTold(context);
  if (node !== undefined) await serve(context, node, done);
  const names = done.handlers.map((handler) => handler.name).join(', ');
  const note = `Kata ${done.version} is installed: ${names}`;
  if (node !== undefined) await afterServing(context, node, { ...served, note });
  context.report.result(note);
}

/** The decision may be to remove it: then no label may say that it serves. */
function refuseWhenTold({ signal }: AgentContext): void {
  if (signal?.aborted !== true) return;
  throw new KataError('KATA_INSTALLER_STOPPED', 'terminated (SIGTERM) before the node was labelled', {
    exitCode: exitCodes.terminated,
    hint: 'run it again: it resumes where it stopped',
  });
}

/** Also where it is the current one: what was interrupted is finished. */
async function switchTo(context: AgentContext, release: string): Promise<Installed> {
  const done = await context.installation.rollback(release, { holds: false });
  if (done.plan.actions.length === 0)
    context.report.note(`nothing to do: the approved release ${release} serves`);
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
    await node.event(reason, `${note}; before: ${before}`);
  }
  await noteClasses(context, node);
  await retainRbac(context, node);
}

function changeBetween(before: string, version: string): 'Upgraded' | 'Downgraded' | 'Changed' {
  const order = compareVersions(version, versionOf(before));
  if (order === 0) return 'Changed';
  return order > 0 ? 'Upgraded' : 'Downgraded';
}
