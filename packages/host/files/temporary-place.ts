/** Where a file is written before it is renamed over its path. */
import { posix } from 'node:path';

/** Of Kata and of CRI-O, which read every entry, whatever its name, finished or not. */
const greedyDirectories: readonly string[] = ['config.d', 'crio.conf.d'];

/** Next to it, except in a directory whose entries are all read. */
export function temporaryDirectory(path: string): string {
  const directory = posix.dirname(path);
  return greedyDirectories.includes(posix.basename(directory)) ? posix.dirname(directory) : directory;
}

export function temporaryPrefix(path: string): string {
  return `.${posix.basename(path)}.kata-`;
}

/**
 * The directories that a write changes, in the order in which they are synced. Both may have temporary files of a killed
 * write: earlier versions always wrote them next to the file.
 */
export function changedDirectories(path: string): readonly string[] {
  return [...new Set([temporaryDirectory(path), posix.dirname(path)])];
}
