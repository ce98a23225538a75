/** Hands what stands in a release beside its own files, such as generated configuration, to the one that takes its place. */
import type { FileInfo, HostFiles, HostPath } from '@kata/host';
import type { ReleaseManifest } from './release.ts';
import { hostPath, manifestFile } from './store.ts';

/** Not durable. `from` stays as it is. */
export async function takeOver(
  files: HostFiles,
  release: ReleaseManifest,
  from: HostPath,
  to: HostPath,
): Promise<void> {
  const own = new Set([manifestFile, ...release.entries.map((entry) => entry.path)]);
  const takeFolder = async (folder: string): Promise<void> => {
    for (const name of await files.list(hostPath(from, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const info = await files.info(hostPath(from, path));
      if (info === undefined) continue;
      if (!own.has(path)) await takeEntry(files, info, hostPath(from, path), hostPath(to, path));
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
