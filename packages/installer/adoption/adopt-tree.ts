/** Makes a release of an existing tree, which is not changed: both share their files. */
import {
  encodeManifest,
  hostPath,
  manifestPath,
  releaseDirectory,
  type ReleaseManifest,
  releasesDirectory,
  type Store,
  unfinishedPath,
} from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import { linkTarget, walkTree } from './describe-tree.ts';

/** Returns a summary for users. Leaves nothing behind when it fails. */
export async function adoptTree(
  store: Store,
  tree: ReleaseManifest,
  names: readonly string[],
): Promise<string> {
  const { files, prefix } = store;
  const directory = releaseDirectory(store, tree.id);
  const unfinished = unfinishedPath(directory);
  const counts = { linked: 0, copied: 0 };
  try {
    await files.removeTree(unfinished);
    await files.makeDirectory(unfinished);
    for await (const node of walkTree(files, prefix, names)) {
      const [from, to] = [hostPath(prefix, node.path), hostPath(unfinished, node.path)];
      if (node.info.kind === 'directory') await files.makeDirectory(to, node.info.mode);
      else if (node.info.kind === 'link') await files.setLink(to, linkTarget(prefix, node));
      else counts[await share(files, from, to, node.info.mode)] += 1;
    }
    await files.write(manifestPath(unfinished), encodeManifest(tree), { mode: 0o644 });
    await files.syncTree(unfinished);
    await files.rename(unfinished, directory);
  } catch (error) {
    // The first error is the one to report; the next run removes what cannot be removed now.
    await files.removeTree(unfinished).catch(() => undefined);
    await files.removeDirectory(releasesDirectory(store)).catch(() => undefined);
    throw error;
  }
  return `${counts.linked} files linked, ${counts.copied} copied`;
}

/** A file on another mount than the releases cannot be linked. */
async function share(
  files: HostFiles,
  from: HostPath,
  to: HostPath,
  mode: number,
): Promise<'linked' | 'copied'> {
  try {
    await files.hardLink(from, to);
    return 'linked';
  } catch (error) {
    if (!(error instanceof KataError) || error.details['errno'] !== 'EXDEV') throw error;
  }
  const content = await files.read(from);
  if (content !== undefined) await files.writeStream(to, [content], mode);
  return 'copied';
}
