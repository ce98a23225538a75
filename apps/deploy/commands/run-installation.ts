/** What an installation does on its node: gate, claim, the change itself, and what is reported of it. */
import type { Payload } from '@kata/artifacts';
import { exitCodes, KataError } from '@kata/core';
import type { OwnershipRecord } from '@kata/installer';
import { type ClusterNode, openClusterNode, type ServedRelease, servedBy } from './cluster-node.ts';
import type { InstallOptions } from './install.ts';
import { makeLabelsTrue, nameReturn } from './node-truth.ts';
import { noteWatched } from './note-watched.ts';
import { askGate, passGate } from './pass-gate.ts';
import { print, say, type Session, underLock } from './session.ts';

/** Told to end, it ended in between, or had not begun. */
export const stopped: readonly string[] = ['KATA_INSTALLER_STOPPED', 'KATA_HOST_LOCK_STOPPED'];

export async function install(session: Session, options: InstallOptions): Promise<void> {
  const node = await openClusterNode(session);
  await reportFailure(session, node, async () => {
    const payload = await session.payload();
    // Also what the gate answers, and what is said on the node: whoever has the lock next may say something else.
    await underLock(session, 'install', async () => {
      const gate = await passGate(session, node, await askGate(session, node), payload);
      if (gate.kind === 'hold') return;
      const before = (await readOwnRecord(session))?.current ?? undefined;
      if (node !== undefined) await claimNode(session, node, before);
      const served =
        gate.kind === 'switch'
          ? { before, done: await switchTo(session, gate.release), isSwitch: true }
          : { before, done: await installPayload(session, payload, options), isSwitch: false };
      await noteWatched(session);
      await reportServing(session, node, served);
    });
  });
}

async function installPayload(
  session: Session,
  payload: Payload,
  { repair: repairs, retry: retries }: InstallOptions,
): Promise<ServedRelease> {
  const { checkSnapshotters, wantedHandlers } = await import('@kata/installer');
  await checkSnapshotters(session.engine, wantedHandlers(session.config.settings));
  const installed = await session.installation.install(payload, { repairs, retries });
  for (const note of installed.plan.notes) say(note);
  if (installed.plan.actions.length === 0) say('nothing to do');
  return servedBy(installed);
}

/** From now on the node says that there is something of ours, and no more than is true. */
async function claimNode(session: Session, node: ClusterNode, current: string | undefined): Promise<void> {
  if (current !== undefined) await nameReturn(session, node, current);
  await makeLabelsTrue(session, node);
  await node.claim();
}

async function reportServing(
  session: Session,
  node: ClusterNode | undefined,
  served: Omit<Served, 'note'>,
): Promise<void> {
  const { done } = served;
  refuseWhenTold(session);
  await node?.serve(done);
  const names = done.handlers.map((handler) => handler.name).join(', ');
  const note = `Kata ${done.version} is installed: ${names}`;
  if (node !== undefined) await afterServing(session, node, { ...served, note });
  print(note);
}

/** The decision may be to remove it: then no label may say that it serves. */
function refuseWhenTold({ signal }: Session): void {
  if (signal?.aborted !== true) return;
  throw new KataError('KATA_INSTALLER_STOPPED', 'terminated (SIGTERM) before the node was labelled', {
    exitCode: exitCodes.terminated,
    hint: 'run it again: it resumes where it stopped',
  });
}

async function readOwnRecord({ host, config }: Session): Promise<OwnershipRecord | undefined> {
  const { readRecord } = await import('@kata/installer');
  return await readRecord(host, config.settings.prefix);
}

/** Also where it is the current one: what was interrupted is finished. */
async function switchTo(session: Session, release: string): Promise<ServedRelease> {
  const done = await session.installation.rollback(release, { holds: false });
  if (done.plan.actions.length === 0) say(`nothing to do: the approved release ${release} serves`);
  return servedBy(done);
}

async function reportFailure<T>(
  session: Session,
  node: ClusterNode | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isFailure = error instanceof KataError && !stopped.includes(error.code);
    if (node === undefined || !isFailure || isOfApi(error)) throw error;
    await sayFailure(
      session,
      node,
      error,
      (await isUndone(session, error)) ? 'InstallFailed' : 'InstallIncomplete',
    );
    throw error;
  }
}

/** The session has no more of the settings than whose pod this is. */
export async function reportRefusedSettings(session: Session, error: KataError): Promise<void> {
  const node = await openClusterNode(session);
  if (node !== undefined) await sayFailure(session, node, error, 'InstallFailed');
}

async function sayFailure(
  session: Session,
  node: ClusterNode,
  { code, message }: KataError,
  reason: 'InstallFailed' | 'InstallIncomplete',
): Promise<void> {
  const unsaid = (problem: unknown): void =>
    say(`the node does not report that it failed: ${String(problem)}`);
  const current = (await readOwnRecord(session).catch(() => undefined))?.current ?? undefined;
  await node.saysStatus(reason, current, { code, message }).catch(unsaid);
  await makeLabelsTrue(session, node).catch(unsaid);
  await node.event(reason, `${code}: ${message}`);
}

/** Of an API server that does not answer nothing can be said there, and nothing is wrong with the node. */
function isOfApi({ code, exitCode }: KataError): boolean {
  return exitCode === exitCodes.temporary && code.startsWith('KATA_KUBE_');
}

/** What came after the change, or while it was undone, left the change in place. */
const notUndone: readonly string[] = [
  'KATA_ENGINE_FILE_PUT_BACK',
  'KATA_INSTALLER_UNDO',
  'KATA_INSTALLER_VERIFY',
  'KATA_DEPLOY_NOT_SERVED',
  'KATA_HOST_LOCK_LOST',
];

async function isUndone({ host, config }: Session, { code }: KataError): Promise<boolean> {
  if (notUndone.includes(code)) return false;
  const { readUnfinished } = await import('@kata/installer');
  try {
    return (await readUnfinished(host, config.settings.prefix)) === undefined;
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return false;
  }
}

interface Served {
  readonly before: string | undefined;
  readonly done: ServedRelease;
  readonly isSwitch: boolean;
  readonly note: string;
}

async function afterServing(session: Session, node: ClusterNode, served: Served): Promise<void> {
  const { before, done, isSwitch, note } = served;
  if (before === undefined) await node.event('Installed', note);
  else if (before !== done.release) {
    const reason = isSwitch ? 'RolledBack' : await changeBetween(before, done.version);
    await node.event(reason, `${note}; before: ${before}`);
  }
  const { noteClasses } = await import('./own-pods.ts');
  await noteClasses(session, node);
  const { keepRights } = await import('./kept-rights.ts');
  await keepRights(session.config, node);
}

async function changeBetween(
  before: string,
  version: string,
): Promise<'Upgraded' | 'Downgraded' | 'Changed'> {
  const { compareVersions, versionOf } = await import('@kata/node');
  const order = compareVersions(version, versionOf(before));
  if (order === 0) return 'Changed';
  return order > 0 ? 'Upgraded' : 'Downgraded';
}
