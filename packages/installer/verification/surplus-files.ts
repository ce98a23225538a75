/** Finds unexpected files in a release. */
import { posix } from 'node:path';
import { expectedEntries, type ReleaseManifest, releaseDirectory, type Store } from '@kata/artifacts';
import type { HostFiles, HostPath } from '@kata/host';
import type { HandlerFacts } from './facts.ts';

/**
 * Paths in the release of files and links that are neither in its manifest, nor configuration of a handler, nor named
 * there. All files next to a handler's configuration count as configuration: users may add drop-ins there.
 */
export async function findSurplus(
  store: Store,
  manifest: ReleaseManifest,
  handlers: readonly HandlerFacts[],
): Promise<readonly string[]> {
  const directory = releaseDirectory(store, manifest.id);
  const inside = (path: HostPath): string =>
    path.replace(`${directory}/`, '').replace(`${store.prefix}/current/`, '').replace(`${store.prefix}/`, '');
  const known = new Set(['manifest.json', ...expectedEntries(manifest).map((entry) => entry.path)]);
  const folders: string[] = [];
  for (const { handler, configuration } of handlers) {
    known.add(inside(handler.shimPath));
    folders.push(`${posix.dirname(inside(handler.configPath))}/`);
    for (const path of configuration.kind === 'read' ? configuration.named : []) known.add(inside(path));
  }
  const paths = await listTree(store.files, directory);
  return paths
    .map(inside)
    .filter((path) => !known.has(path) && !folders.some((folder) => path.startsWith(folder)));
}

/** All entries that are not directories. */
async function listTree(files: HostFiles, directory: HostPath): Promise<readonly HostPath[]> {
  const found: HostPath[] = [];
  for (const name of await files.list(directory)) {
    const path: HostPath = `${directory}/${name}`;
    const isDirectory = (await files.info(path))?.kind === 'directory';
    found.push(...(isDirectory ? await listTree(files, path) : [path]));
  }
  return found;
}
