/** Removes left-overs of killed writes in the folders of handlers: Kata's loaders read them, whatever their name. */
import { posix } from 'node:path';
import type { Store } from '@kata/artifacts';
import type { HostFiles, HostPath } from '@kata/host';
import { runtimesDirectories } from '@kata/kata';

/** Name of a file that is being written. */
export const unfinishedName: RegExp = /^\..+\.kata-[0-9a-f]{12}$/;

/** In all releases, because an earlier one may become active again. Earlier versions wrote unfinished files into `config.d` itself. */
export async function removeUnfinished({ files, prefix }: Store): Promise<void> {
  const releases = await below(files, [`${prefix}/releases`]);
  const runtimes = releases.flatMap((path) => runtimesDirectories.map((base): HostPath => `${path}/${base}`));
  const folders = (await below(files, runtimes)).flatMap((path): HostPath[] => [path, `${path}/config.d`]);
  for (const path of await below(files, folders)) {
    if (unfinishedName.test(posix.basename(path))) await files.remove(path);
  }
}

async function below(files: HostFiles, folders: readonly HostPath[]): Promise<readonly HostPath[]> {
  const found: HostPath[] = [];
  for (const folder of folders) {
    for (const name of await files.list(folder)) found.push(`${folder}/${name}`);
  }
  return found;
}
