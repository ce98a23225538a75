/** Finds out whether a file in the store has the content that a release needs. */
import type { FileStamp, HostFiles, HostPath } from '@kata/host';
import { isSameStamp } from './files-of-run.ts';
import type { FileEntry } from './payload.ts';
import type { VerifiedFiles } from './verified-files.ts';

/** The stamp of a sound file. Undefined also for one that is modified while it is read. */
export async function soundStamp(
  files: HostFiles,
  path: HostPath,
  entry: FileEntry,
  verified?: VerifiedFiles,
): Promise<FileStamp | undefined> {
  const info = await files.info(path);
  const isPlausible =
    info?.kind === 'file' &&
    info.size === entry.size &&
    info.mode === entry.mode &&
    info.uid === 0 &&
    info.gid === 0;
  if (!isPlausible) return undefined;
  if (verified?.has(info.stamp, entry.sha256) === true) return info.stamp;
  if ((await files.digest(path)) !== entry.sha256) return undefined;
  const after = await files.info(path);
  return after !== undefined && isSameStamp(after.stamp, info.stamp) ? info.stamp : undefined;
}
