/** Reads the links of an installation: the paths that users know, which lead into the active release. */
import type { FileInfo, HostFiles, HostPath } from '@kata/host';

/** By name. */
export async function readLinks(files: HostFiles, prefix: HostPath): Promise<ReadonlyMap<string, FileInfo>> {
  const links = new Map<string, FileInfo>();
  for (const name of await files.list(prefix)) {
    const info = await files.info(`${prefix}/${name}`);
    if (info?.kind === 'link') links.set(name, info);
  }
  return links;
}
