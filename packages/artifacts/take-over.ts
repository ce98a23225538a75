/** Hands what others put into a release to the one that takes its place. */
import type { FileInfo, HostFiles, HostPath } from '@kata/host';
import { hostPath } from './store.ts';

/** All but what is `known` by its path in the release. Not durable. `from` stays as it is. */
export async function takeOver(
  files: HostFiles,
  known: ReadonlySet<string>,
  from: HostPath,
  to: HostPath,
): Promise<void> {
  const takeFolder = async (folder: string): Promise<void> => {
    for (const name of await files.list(hostPath(from, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const info = await files.info(hostPath(from, path));
      if (info === undefined) continue;
      if (!known.has(path)) await takeEntry(files, info, hostPath(from, path), hostPath(to, path));
      const isFolder = (await files.info(hostPath(to, path)))?.kind === 'directory';
      if (info.kind === 'directory' && isFolder) await takeFolder(path);
    }
  };
  await takeFolder('');
}

async function takeEntry(files: HostFiles, info: FileInfo, from: HostPath, to: HostPath): Promise<void> {
  switch (info.kind) {
    case 'file':
      return await files.hardLink(from, to);
    case 'link':
      return await files.setLink(to, info.target ?? '');
    case 'directory':
      return await files.makeDirectory(to, info.mode);
    case 'other':
    // Nobody needs a socket or a device of a release that is replaced.
  }
}
