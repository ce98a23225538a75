/** Files that an administrator put into the `config.d` of a handler: the next release gets copies of its own. */
import { posix } from 'node:path';
import type { HostFiles, HostPath } from '@kata/host';
import type { HandlerEntry } from './facts.ts';
import type { WantedFile, WantedFiles } from './wanted-files.ts';

const unfinishedName = /^\..*\.kata-[0-9a-f]{12}$/;

/** `directory` is that of the wanted release; what there is now is read through the paths that stay. */
export async function readAdministratorFiles(
  files: HostFiles,
  place: { readonly prefix: HostPath; readonly directory: HostPath },
  handlers: readonly HandlerEntry[],
  ours: WantedFiles,
): Promise<ReadonlyMap<HostPath, WantedFile>> {
  const known = new Set<HostPath>([...ours.files.keys(), ...ours.absent]);
  const found = new Map<HostPath, WantedFile>();
  for (const { configPath } of handlers) {
    const folder: HostPath = `${posix.dirname(configPath) as HostPath}/config.d`;
    for (const name of await files.list(folder)) {
      const path: HostPath = `${folder}/${name}`;
      const next: HostPath = `${place.directory}${path.slice(place.prefix.length) as HostPath}`;
      const info = await files.info(path);
      // What a killed write left is no file of anybody.
      if (info?.kind !== 'file' || known.has(next) || unfinishedName.test(name)) continue;
      const text = (await files.read(path))?.toString('utf8') ?? '';
      found.set(next, { text, mode: info.mode });
    }
  }
  return found;
}
