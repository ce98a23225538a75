/** Joins, matches and lists paths like Go's `path/filepath` on Linux. */
import { posix } from 'node:path';
import type { HostFiles, HostPath } from '@kata/host';

/** Go's `filepath.Clean`, for a path that may be relative to a directory. */
export function cleanPath(directory: string, path: string): HostPath {
  const clean = posix.resolve('/', directory, path);
  return `/${clean.slice(1)}`;
}

/** Go's `filepath.Match`; undefined when the pattern is malformed. */
export function matchesGlob(pattern: string, path: string): boolean | undefined {
  const expression = toExpression(pattern);
  return expression?.test(path);
}

/** Go's `filepath.Glob`: sorted within each directory; undefined when the pattern is malformed. */
export async function globFiles(
  files: HostFiles,
  pattern: HostPath,
): Promise<readonly HostPath[] | undefined> {
  const expression = toExpression(posix.basename(pattern));
  if (expression === undefined) return undefined;
  if (!/[*?[\\]/.test(pattern)) return (await files.info(pattern)) === undefined ? [] : [pattern];
  const parent = cleanPath('/', posix.dirname(pattern));
  const directories = /[*?[\\]/.test(parent) ? await globFiles(files, parent) : [parent];
  if (directories === undefined) return undefined;
  const found: HostPath[] = [];
  for (const directory of directories) {
    const names = (await files.list(directory)).filter((name) => expression.test(name));
    found.push(...names.toSorted().map((name) => cleanPath(directory, name)));
  }
  return found;
}

/** For Go a leading dot is an ordinary character. */
function toExpression(pattern: string): RegExp | undefined {
  const token = /\*|\?|\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|([^*?[\\])/gsy;
  let source = '';
  while (token.lastIndex < pattern.length) {
    const match = token.exec(pattern);
    if (match === null) return undefined;
    const [all, escaped, negation, set, plain] = match;
    if (all === '*') source += '[^/]*';
    else if (all === '?') source += '[^/]';
    else if (set !== undefined) source += `[${negation ?? ''}${set.replaceAll('[', String.raw`\[`)}]`;
    else source += (escaped ?? plain ?? '').replace(/[\\^$.*+?()[\]{}|]/, String.raw`\$&`);
  }
  try {
    return new RegExp(`^${source}$`, 's');
  } catch {
    return undefined;
  }
}
