/** Rebuilds a lost ownership record from files that are ours by path or content; changes nothing. */
import { posix } from 'node:path';
import { listReleases, readManifest, type Store } from '@kata/artifacts';
import { exitCodes, KataError, sha256 } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import { toHandler } from '@kata/kata';
import { backupSuffix } from '../adoption/exchange.ts';
import { realNames } from '../adoption/find-upstream.ts';
import { missingDirectories } from '../state/create-and-remove.ts';
import type { EngineFacts } from '../engine/engine-facts.ts';
import { planEdits } from '../engine/plan-edits.ts';
import { emptyRecord, type OwnershipRecord, stateDirectory } from '../state/record.ts';

export interface LostInstallation {
  readonly store: Store;
  /** Read without a record. */
  readonly engine: EngineFacts;
}

/**
 * Undefined where nothing is ours. The record is cautious: it lists no sandboxes, so any sandbox may need any release.
 *
 * @throws KataError `KATA_INSTALLER_RECORD_LOST` when the owner of a file is unknown, or the engine does not answer.
 */
export async function rebuildRecord({
  store,
  engine,
}: LostInstallation): Promise<OwnershipRecord | undefined> {
  const { files, prefix } = store;
  const isHere = await isLost(store);
  if (engine.problem !== undefined) {
    if (!isHere) return undefined;
    throw lostRecord(prefix, '', 'when the container runtime answers, run: kata-deploy recover');
  }
  const edits = planEdits(engine, [], emptyRecord);
  if (!isHere && (edits.length === 0 || !(await areDead(files, engine.found)))) return undefined;
  await refuseMixture(store);
  const { current, previous } = await findRoles(store);
  const missing = await missingDirectories({ files }, prefix);
  return {
    ...emptyRecord,
    directories: missing.length === 0 ? [prefix] : [...missing],
    files: edits.flatMap(({ path, before, after }) => {
      if (before === undefined) return [];
      const leftSha256 = sha256(before);
      return [{ path, original: after ?? null, leftSha256 }];
    }),
    handlers: engine.found.map(toHandler),
    current,
    previous,
  };
}

/** Whether there is an installation of ours without a record. Upstream's installations have neither releases nor a state. */
export async function isLost(store: Store): Promise<boolean> {
  const { files, prefix } = store;
  if ((await files.info(`${stateDirectory(prefix)}/ownership.json`)) !== undefined) return false;
  if ((await files.info(stateDirectory(prefix)))?.kind === 'directory') return true;
  if ((await linkedRelease(store)) !== undefined) return true;
  return (await listReleases(store)).length > 0;
}

/** Where the record is read, and nothing is written. */
export function lostRecordNote(current: string | null = null): string {
  return `the ownership record is lost; it is derived from the files on the node until the next change of the installation, or "kata-deploy recover", writes it again; ${lostHold(current)}`;
}

export function rebuiltRecordNote(current: string | null): string {
  return `the ownership record was lost and is rebuilt from the files on the node; ${lostHold(current)}`;
}

/** Only the record has the hold of a node. */
function lostHold(current: string | null): string {
  return `if the node was held, the hold is lost, too: to hold the node again, run: kata-deploy rollback --to ${current ?? 'RELEASE'} --hold`;
}

export function lostRecord(prefix: HostPath, why: string, hint: string): KataError {
  return new KataError(
    'KATA_INSTALLER_RECORD_LOST',
    `the installation in ${prefix} has lost its ownership record ${stateDirectory(prefix)}/ownership.json${why}`,
    { exitCode: exitCodes.precondition, hint, details: { prefix } },
  );
}

/** Whether no handler in the engine's files has a shim: all but the engine's files was deleted. */
async function areDead(files: HostFiles, found: EngineFacts['found']): Promise<boolean> {
  for (const { shimPath } of found) {
    if ((await files.digest(shimPath)) !== undefined) return false;
  }
  return true;
}

async function linkedRelease({ files, prefix }: Store): Promise<string | undefined> {
  const info = await files.info(`${prefix}/current`);
  return info?.target?.startsWith('releases/') === true ? posix.basename(info.target) : undefined;
}

/** Files in the place of our links may be foreign, and only the record had the state of an adoption. */
async function refuseMixture(store: Store): Promise<void> {
  const { files, prefix } = store;
  const backups = (await files.list(prefix)).filter((name) => name.endsWith(backupSuffix));
  const names = [...(await realNames(store, [])), ...backups];
  if (names.length === 0) return;
  throw lostRecord(
    prefix,
    `, and ${prefix} contains ${names.join(', ')}, which may be foreign`,
    `restore the record from a backup, or move ${names.join(', ')} out of ${prefix} and run this again`,
  );
}

/** Takes the release that was written last, next to the current one, as the previous one. */
async function findRoles(store: Store): Promise<Pick<OwnershipRecord, 'current' | 'previous'>> {
  const linked = await linkedRelease(store);
  const made: { readonly id: string; readonly atMs: number }[] = [];
  for (const id of await listReleases(store)) {
    if (!(await isUsable(store, id))) continue;
    const info = await store.files.info(`${store.prefix}/releases/${id}/manifest.json`);
    made.push({ id, atMs: info?.modifiedMs ?? 0 });
  }
  const others = made.filter(({ id }) => id !== linked).toSorted((a, b) => b.atMs - a.atMs);
  return {
    current: made.some(({ id }) => id === linked) ? (linked ?? null) : null,
    previous: others[0]?.id ?? null,
  };
}

async function isUsable(store: Store, id: string): Promise<boolean> {
  try {
    return (await readManifest(store, id)) !== undefined;
  } catch (error) {
    if (error instanceof KataError && error.code === 'KATA_STORE_MANIFEST') return false;
    throw error;
  }
}
