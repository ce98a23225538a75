/** Where a file stands until it is renamed over its path. */
import { posix } from 'node:path';

/** Beside it, but for a `config.d`: Kata's loaders read every entry of it, whatever its name, finished or not. */
export function temporaryDirectory(path: string): string {
  const directory = posix.dirname(path);
  return posix.basename(directory) === 'config.d' ? posix.dirname(directory) : directory;
}

export function temporaryPrefix(path: string): string {
  return `.${posix.basename(path)}.kata-`;
}

/**
 * What a write changes, in the order in which it is made durable. Both may have what a killed write left: earlier
 * versions had it beside in any case.
 */
export function changedDirectories(path: string): readonly string[] {
  return [...new Set([temporaryDirectory(path), posix.dirname(path)])];
}
