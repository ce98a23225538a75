/** Preserves foreign files of a release that is replaced. */
import type { FileInfo, HostFiles, HostPath } from '@kata/host';
import { hostPath } from './store.ts';

/** `known`: paths in the release that are not foreign. Does not sync; `from` is not changed. */
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
    // Sockets and devices are not preserved.
  }
}
