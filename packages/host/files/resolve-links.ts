/** Resolves the symbolic links of a path within a root, name by name. */
import type { HostPath } from '../host.ts';
import { systemError } from './file-error.ts';

/** The kernel's limit. */
const maximumLinks = 40;

/** Whether the last part of a path is followed when it is a link. */
export type LastLink = 'follow' | 'keep';

/**
 * Returns the path without links, `.` and `..`; it never leads out of the root. Names that do not exist stay as they are.
 * `readLink` is called for each path on the way and returns the target of a link; undefined for anything else.
 */
export function resolveLinks(
  path: HostPath,
  last: LastLink,
  readLink: (path: HostPath) => string | undefined,
): HostPath {
  const pending = namesOf(path);
  let walked: string[] = [];
  let links = 0;
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name === '..') {
      walked.pop();
      continue;
    }
    walked.push(name);
    if (last === 'keep' && pending.length === 0) break;
    const target = readLink(join(walked));
    if (target === undefined) continue;
    links += 1;
    if (links > maximumLinks) throw systemError('ELOOP', 'open', path);
    if (target.startsWith('/')) walked = [];
    else walked.pop();
    pending.unshift(...namesOf(target));
  }
  return join(walked);
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function join(names: readonly string[]): HostPath {
  return `/${names.join('/')}`;
}
