/** Preserves what others put into a release when another one replaces it. */
import type { FileInfo, HostFiles, HostPath } from '@kata/host';
import { hostPath } from './store.ts';

/** All but what is `known` by its path in the release. Not durable. `from` stays as it is. */
export async function preserveForeignFiles(
  files: HostFiles,
  known: ReadonlySet<string>,
  from: HostPath,
  to: HostPath,
): Promise<void> {
  const preserveFolder = async (folder: string): Promise<void> => {
    for (const name of await files.list(hostPath(from, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const info = await files.info(hostPath(from, path));
      if (info === undefined) continue;
      if (!known.has(path)) await preserveEntry(files, info, hostPath(from, path), hostPath(to, path));
      const isFolder = (await files.info(hostPath(to, path)))?.kind === 'directory';
      if (info.kind === 'directory' && isFolder) await preserveFolder(path);
    }
  };
  await preserveFolder('');
}

async function preserveEntry(files: HostFiles, info: FileInfo, from: HostPath, to: HostPath): Promise<void> {
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
