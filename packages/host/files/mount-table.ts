/** Reads the kernel's mount table (`/proc/self/mountinfo`). */
import { posix } from 'node:path';

export interface Mount {
  readonly point: string;
  /** Such as `/dev/vda1`; another name for a file system without a device, such as `tmpfs`. */
  readonly device: string;
  /** Of the mount and of its file system, such as `rw`, `noexec`. */
  readonly options: readonly string[];
}

/** For messages. */
export function describeMount({ point, device }: Mount): string {
  return `${device} (mount ${point})`;
}

/** The mount that a path is on: the last one with the longest mount point. */
export function findMount(mountInfo: string, path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const line of mountInfo.split('\n')) {
    const mount = readMount(line);
    if (mount === undefined || !isBelow(path, mount.point)) continue;
    if (found === undefined || mount.point.length >= found.point.length) found = mount;
  }
  return found;
}

/**
 * The mount of the machine that a path is on; undefined where the path is in the container's own file system. `place`:
 * the path as this process sees it, `root`: where it sees the machine's root.
 */
export function findHostMount(
  mountInfo: string,
  place: string,
  { root: given, isPartial }: { readonly root: string; readonly isPartial: boolean },
): Mount | undefined {
  const root = posix.resolve(given);
  const mount = findMount(mountInfo, place);
  if (mount === undefined) return undefined;
  // Parts of the machine are mounted among our own files: the root is ours.
  const isOurs = isPartial && (root === '/' ? mount.point === '/' : !isBelow(mount.point, root));
  return isOurs ? undefined : { ...mount, point: onMachine(mount.point, root) };
}

/** The mount point as the machine sees it, for messages. */
function onMachine(point: string, root: string): string {
  return isBelow(point, root) ? posix.join('/', posix.relative(root, point)) : point;
}

/** A path counts as below itself. */
function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

/** `36 35 98:0 /root /point rw,noatime master:1 - ext4 /dev/vda rw,errors=continue`, any number of tags before the hyphen. */
function readMount(line: string): Mount | undefined {
  const [ofMount = '', ofSystem = ''] = line.split(' - ');
  const [, , , , point, options] = ofMount.split(' ');
  if (point === undefined || options === undefined) return undefined;
  const [, device = '', superOptions = ''] = ofSystem.split(' ');
  return {
    point: unescape(point),
    device: unescape(device),
    options: [...new Set([...options.split(','), ...superOptions.split(',')])],
  };
}

/** The kernel writes spaces and backslashes as octal numbers. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
