/** Creates and removes an installation atomically, so that it exists exactly as long as its record. */
import { posix } from 'node:path';
import { KataError } from '@kata/core';
import { removeLoaderFiles } from '@kata/engines';
import { type Host, type HostPath, isSystemError } from '@kata/host';
import {
  deleteRecordBackup,
  type OwnershipRecord,
  readRecord,
  stateDirectory,
  writeRecordIn,
} from './record.ts';

/** What we put into an installation in addition to its links. */
const ownFolders = new Set(['releases', 'state', 'containerd']);

/** Creates the installation together with its first record, which lists the directories that had to be created. */
export async function createInstallation(
  host: Host,
  prefix: HostPath,
  record: OwnershipRecord,
): Promise<OwnershipRecord> {
  const missing = await missingDirectories(host, prefix);
  const begun = { ...record, directories: [...new Set([...record.directories, ...missing])] };
  const ours = missing[0] ?? stateDirectory(prefix);
  const unfinished: HostPath = `${ours}.kata-new`;
  const inside = (path: HostPath): HostPath => path.replace(ours, unfinished) as HostPath;
  try {
    await host.files.makeDirectory(inside(prefix));
    await host.files.makeDirectory(inside(stateDirectory(prefix)), 0o700);
    await writeRecordIn(host, inside(stateDirectory(prefix)), begun);
    await host.files.rename(unfinished, ours);
  } catch (error) {
    // The first error is the one to report; the next run removes what cannot be removed now.
    for (const path of [unfinished, ours]) await host.files.removeTree(path).catch(() => undefined);
    throw error;
  }
  return begun;
}

/**
 * Removes the installation and the directories that were created for it; foreign files stay. `keep releases`: removes only
 * the state, for a run that did not create the installation.
 */
export async function removeInstallation(
  host: Host,
  prefix: HostPath,
  record: OwnershipRecord,
  releases: 'remove all' | 'keep releases' = 'remove all',
): Promise<void> {
  const made = record.directories.toReversed();
  for (const path of made) if (!isPartOf(prefix, path)) await host.files.removeDirectory(path);
  const names = await host.files.list(prefix);
  const isOurs = record.directories.includes(prefix) && names.every((name) => ownFolders.has(name));
  // Next to the topmost directory that was created: the record must outlive the last directory.
  const topmost = record.directories.find((path) => isPartOf(prefix, path)) ?? prefix;
  const isMoved = isOurs && (await unlessBusy(host.files.rename(prefix, `${topmost}.kata-removed`)));
  if (!isMoved) {
    for (const name of releases === 'keep releases' ? [] : names) {
      if (name !== 'state' && ownFolders.has(name)) await host.files.removeTree(`${prefix}/${name}`);
    }
    await host.files.rename(stateDirectory(prefix), removedState(prefix));
  }
  await removeRunLeftovers(host, prefix);
  for (const path of made) if (isPartOf(prefix, path)) await unlessBusy(host.files.removeDirectory(path));
}

/** False for a mount point, which the kernel neither moves nor removes: it stays, and only becomes empty. */
async function unlessBusy(change: Promise<unknown>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    const isBusy = error instanceof KataError && isSystemError(error.cause) && error.cause.code === 'EBUSY';
    if (!isBusy) throw error;
    return false;
  }
}

/** Removes what a killed run left: its query of the engine, the backup of the record, and half-created or half-removed installations. */
export async function removeRunLeftovers(host: Host, prefix: HostPath): Promise<void> {
  await removeLoaderFiles(host);
  await deleteRecordBackup(host, prefix);
  const paths: HostPath[] = [removedState(prefix), `${stateDirectory(prefix)}.kata-new`];
  for (let path = prefix; path !== '/'; path = posix.dirname(path) as HostPath)
    paths.push(`${path}.kata-new`, `${path}.kata-removed`);
  for (const path of paths) {
    if ((await host.files.info(path)) === undefined) continue;
    // Only its record lists the directories that were created for it.
    const made = (await readRecord(host, path))?.directories ?? [];
    for (const each of made.toReversed()) if (isPartOf(prefix, each)) await host.files.removeDirectory(each);
    await host.files.removeTree(path);
  }
}

/** The directories that must be created for this one to exist, parents first. */
export async function missingDirectories(
  host: Pick<Host, 'files'>,
  directory: HostPath,
): Promise<readonly HostPath[]> {
  const missing: HostPath[] = [];
  let path = directory;
  while (path !== '/' && (await host.files.info(path)) === undefined) {
    missing.unshift(path);
    path = posix.dirname(path) as HostPath;
  }
  return missing;
}

const removedState = (prefix: HostPath): HostPath => `${prefix}/state.kata-removed`;

/** Whether `directory` is the installation or one of its parents. */
function isPartOf(prefix: HostPath, directory: HostPath): boolean {
  return prefix === directory || prefix.startsWith(`${directory}/`);
}
