/** Reads foreign files in a release, so that they can be copied to the next one. */
import { posix } from 'node:path';
import type { PlacedEntries, PlacedEntry } from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import { unfinishedName } from './unfinished-files.ts';

export interface PlaceOptions {
  /** Keeps links to targets outside the releases; all others are replaced with the content of their target. */
  readonly keepsLinks: boolean;
}

/** All files and links below a folder, by relative path. */
export async function readPlaced(
  files: HostFiles,
  prefix: HostPath,
  folder: HostPath,
  options: PlaceOptions,
): Promise<PlacedEntries> {
  const found = new Map<string, PlacedEntry>();
  for (const name of await files.list(folder)) {
    // Left by a killed write.
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

/** Undefined for a missing entry, and for one that is neither a file nor a link. */
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

/** Such a release may be removed, and the next one may not have the target. */
async function leadsIntoRelease(
  files: HostFiles,
  prefix: HostPath,
  { path, target }: { readonly path: HostPath; readonly target: string },
): Promise<boolean> {
  const store: HostPath = `${prefix}/releases/`;
  // `..` is resolved from the real directory of the link.
  const stands = path.startsWith(store) ? path : `${store}any/${posix.relative(prefix, path)}`;
  const place = posix.resolve(posix.dirname(stands), target);
  if (place.startsWith(store)) return true;
  const [name = ''] = posix.relative(prefix, place).split('/');
  const info = place.startsWith(`${prefix}/`) ? await files.info(`${prefix}/${name}`) : undefined;
  return info?.kind === 'link' && (name === 'current' || info.target?.startsWith('current/') === true);
}

/** Undefined when the target is missing, not a file, or not readable. */
async function readBehind(files: HostFiles, path: HostPath): Promise<PlacedEntry | undefined> {
  try {
    const content = await files.read(path);
    return content === undefined ? undefined : { kind: 'file', content, mode: 0o644, like: path };
  } catch (error) {
    if (error instanceof KataError && error.code === 'KATA_HOST_FILE') return undefined;
    throw error;
  }
}

/** Whether a release has all of them unchanged. */
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
