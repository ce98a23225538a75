/** Removes what killed writes left in the folders of handlers: Kata's loaders read it, whatever its name. */
import { posix } from 'node:path';
import type { Store } from '@kata/artifacts';
import type { HostFiles, HostPath } from '@kata/host';
import { runtimesDirectories } from '@kata/kata';

/** As a write names a file until it is whole. */
export const unfinishedName: RegExp = /^\..+\.kata-[0-9a-f]{12}$/;

/** Of all releases: an earlier one may serve again. Unfinished files stood in `config.d` itself once. */
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
