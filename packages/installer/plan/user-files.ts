/** Reads files that users put into the `config.d` of a handler: the next release gets copies. */
import { posix } from 'node:path';
import type { PlacedEntries, PlacedEntry } from '@kata/artifacts';
import type { HostFiles, HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import { readsLinks } from '../facts/handler-paths.ts';
import { readPlaced } from '../facts/placed-files.ts';
import type { WantedFiles } from './wanted-files.ts';

/** By path in the release; read through the stable paths. */
export async function readUserFiles(
  files: HostFiles,
  prefix: HostPath,
  handlers: readonly Handler[],
  ours: WantedFiles,
): Promise<PlacedEntries> {
  const known = new Set([...ours.generated.keys(), ...ours.absent]);
  const found = new Map<string, PlacedEntry>();
  for (const handler of handlers) {
    const folder: HostPath = `${posix.dirname(handler.configPath) as HostPath}/config.d`;
    const inside = posix.relative(prefix, folder);
    const placed = await readPlaced(files, prefix, folder, { keepsLinks: readsLinks(prefix, handler) });
    for (const [name, entry] of placed) {
      const path = `${inside}/${name}`;
      if (!known.has(path)) found.set(path, entry);
    }
  }
  return found;
}

/** Paths in the `config.d` folders of a release in the store that are not among `known`. */
export async function findStale(
  files: HostFiles,
  place: { readonly prefix: HostPath; readonly directory: HostPath },
  handlers: readonly Handler[],
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  const stale: string[] = [];
  for (const { configPath } of handlers) {
    const inside = `${posix.relative(place.prefix, posix.dirname(configPath))}/config.d`;
    const folder = posix.join(place.directory, inside) as HostPath;
    for (const name of (await readPlaced(files, place.prefix, folder, { keepsLinks: true })).keys()) {
      if (!known.has(`${inside}/${name}`)) stale.push(`${inside}/${name}`);
    }
  }
  return [...new Set(stale)];
}
