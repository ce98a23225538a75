/** Reads what others put into a release, so that the next one gets it, too. */
import { posix } from 'node:path';
import type { PlacedEntries, PlacedEntry } from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import { unfinishedName } from './unfinished-files.ts';

export interface PlaceOptions {
  /** Links to what is outside of the releases stay links; otherwise they become what they lead to. */
  readonly keepsLinks: boolean;
}

/** All files and links below a folder, by their path relative to it. */
export async function readPlaced(
  files: HostFiles,
  prefix: HostPath,
  folder: HostPath,
  options: PlaceOptions,
): Promise<PlacedEntries> {
  const found = new Map<string, PlacedEntry>();
  for (const name of await files.list(folder)) {
    // What a killed write left is no file of anybody.
    if (unfinishedName.test(name)) continue;
    const path: HostPath = `${folder}/${name}`;
    if ((await files.info(path))?.kind === 'directory') {
      const below = await readPlaced(files, prefix, path, options);
      for (const [inner, entry] of below) found.set(`${name}/${inner}`, entry);
      continue;
    }
    const entry = await readPlacedEntry(files, prefix, path, options);
    if (entry !== undefined) found.set(name, entry);
  }
  return found;
}

/** Undefined for what nobody can copy, and where there is nothing. */
export async function readPlacedEntry(
  files: HostFiles,
  prefix: HostPath,
  path: HostPath,
  { keepsLinks }: PlaceOptions,
): Promise<PlacedEntry | undefined> {
  const info = await files.info(path);
  if (info?.kind === 'link') {
    const target = info.target ?? '';
    const link: PlacedEntry = { kind: 'link', target };
    if (keepsLinks && !(await leadsIntoRelease(files, prefix, { path, target }))) return link;
    return (await readBehind(files, path)) ?? link;
  }
  if (info?.kind !== 'file') return undefined;
  const content = await files.read(path);
  return content === undefined ? undefined : { kind: 'file', content, mode: info.mode, like: path };
}

/** Such a release may go, and the next one does not have what an administrator put there. */
async function leadsIntoRelease(
  files: HostFiles,
  prefix: HostPath,
  { path, target }: { readonly path: HostPath; readonly target: string },
): Promise<boolean> {
  const store: HostPath = `${prefix}/releases/`;
  // `..` counts from where the link really stands.
  const stands = path.startsWith(store) ? path : `${store}any/${posix.relative(prefix, path)}`;
  const place = posix.resolve(posix.dirname(stands), target);
  if (place.startsWith(store)) return true;
  const [name = ''] = posix.relative(prefix, place).split('/');
  const info = place.startsWith(`${prefix}/`) ? await files.info(`${prefix}/${name}`) : undefined;
  return info?.kind === 'link' && (name === 'current' || info.target?.startsWith('current/') === true);
}

/** Undefined when the link leads nowhere, to no file, or to where we cannot look. */
async function readBehind(files: HostFiles, path: HostPath): Promise<PlacedEntry | undefined> {
  try {
    const content = await files.read(path);
    return content === undefined ? undefined : { kind: 'file', content, mode: 0o644, like: path };
  } catch (error) {
    if (error instanceof KataError && error.code === 'KATA_HOST_FILE') return undefined;
    throw error;
  }
}

/** Whether they all stand in a release as they would be put there. */
export async function arePlaced(
  files: HostFiles,
  directory: HostPath,
  entries: PlacedEntries,
): Promise<boolean> {
  for (const [path, entry] of entries) {
    const place = posix.join(directory, path) as HostPath;
    const info = await files.info(place);
    if (info?.kind !== entry.kind) return false;
    if (entry.kind === 'link' ? info.target !== entry.target : info.mode !== entry.mode) return false;
    if (entry.kind === 'file' && (await files.read(place))?.equals(entry.content) !== true) return false;
  }
  return true;
}
