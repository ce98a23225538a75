/**
 * Control groups of a lab: the same path in every hierarchy. By them the processes of a crashed lab
 * are found, so every process of a lab enters its group before it runs.
 */
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes, KataError } from '@kata/core';

export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
}

/** Reads the mounted hierarchies from the text of /proc/self/mountinfo. */
export function parseHierarchies(mountInfo: string): readonly Hierarchy[] {
  const byDevice = new Map<string, Hierarchy>();
  for (const line of mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , device, root, mountPoint] = before.split(' ');
    const type = after.split(' ')[0];
    if (device === undefined || root !== '/' || mountPoint === undefined) continue;
    if (byDevice.has(device)) continue;
    if (type === 'cgroup') byDevice.set(device, { mountPoint, version: 1 });
    if (type === 'cgroup2') byDevice.set(device, { mountPoint, version: 2 });
  }
  return [...byDevice.values()];
}

async function listHierarchies(): Promise<readonly Hierarchy[]> {
  const hierarchies = parseHierarchies(await readFile('/proc/self/mountinfo', 'utf8'));
  if (hierarchies.length > 0) return hierarchies;
  throw new KataError('KATA_LAB_NO_CGROUPS', 'this machine has no control groups mounted', {
    exitCode: exitCodes.precondition,
    hint: 'mount a cgroup2 file system at /sys/fs/cgroup',
  });
}

/** Makes the group, and its parents, in every hierarchy. */
async function makeGroup(group: string): Promise<void> {
  const hierarchies = await listHierarchies();
  // Next to version 1, version 2 only tracks processes: it has no controllers to delegate.
  const delegates = hierarchies.every((hierarchy) => hierarchy.version === 2);
  for (const hierarchy of hierarchies) {
    let directory = hierarchy.mountPoint;
    for (const part of group.split('/')) {
      const parent = directory;
      directory = join(parent, part);
      await mkdir(directory, { recursive: true });
      if (hierarchy.version === 1) await inheritCpuset(parent, directory);
      if (parent === hierarchy.mountPoint) await weighAsMany(directory);
      else if (delegates) await delegateControllers(parent);
    }
  }
}

/** By default the scheduler gives a group the share of one process: on a busy machine a lab would hardly boot. */
async function weighAsMany(directory: string): Promise<void> {
  const file = join(directory, 'cpu.shares');
  if ((await readOrEmpty(file)) !== undefined) await writeFile(file, String(16 * 1024));
}

/** A new cpuset group of version 1 has no processors and refuses processes until it gets some. */
async function inheritCpuset(parent: string, directory: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const own = await readOrEmpty(join(directory, file));
    if (own === undefined || own.trim() !== '') continue;
    const inherited = await readOrEmpty(join(parent, file));
    if (inherited !== undefined) await writeFile(join(directory, file), inherited.trim());
  }
  if ((await readOrEmpty(join(directory, 'cpuset.cpus'))) !== undefined) {
    await writeFile(join(directory, 'cgroup.clone_children'), '1');
  }
}

async function delegateControllers(parent: string): Promise<void> {
  const controllers = (await readOrEmpty(join(parent, 'cgroup.controllers')))?.trim() ?? '';
  if (controllers === '') return;
  const wanted = controllers.split(' ').map((controller) => `+${controller}`);
  await writeFile(join(parent, 'cgroup.subtree_control'), wanted.join(' '));
}

/** Every process in the group and below, in any hierarchy. */
export async function listProcesses(group: string): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for (const hierarchy of await listHierarchies()) {
    for (const directory of await listSubtree(join(hierarchy.mountPoint, group))) {
      const pids = (await readOrEmpty(join(directory, 'cgroup.procs'))) ?? '';
      for (const pid of pids.split('\n').filter((text) => text !== '')) found.add(Number(pid));
    }
  }
  found.delete(0);
  return found;
}

/** Moves this process into the group, so that the processes that it starts later can be found. */
export async function joinGroup(group: string): Promise<void> {
  await makeGroup(group);
  for (const hierarchy of await listHierarchies()) {
    await writeFile(join(hierarchy.mountPoint, group, 'cgroup.procs'), String(process.pid));
  }
}

/** The command that enters the group before it becomes `argv`. */
export async function inGroup(group: string, argv: readonly string[]): Promise<readonly string[]> {
  await makeGroup(group);
  const files = (await listHierarchies()).map((h) => join(h.mountPoint, group, 'cgroup.procs'));
  const script =
    'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done; exec "$@"';
  return ['/bin/sh', '-c', script, 'lab', String(files.length), ...files, ...argv];
}

/** Kills all processes of the group except this one, and waits until they have exited. */
export async function killGroup(group: string, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  const seen = new Set<number>();
  for (;;) {
    for (const pid of await listProcesses(group)) {
      if (pid === process.pid) continue;
      seen.add(pid);
      killQuietly(pid);
    }
    // A group may stop listing a process before it has exited, such as one that waits for its children.
    for (const pid of seen) if (await hasEnded(pid)) seen.delete(pid);
    if (seen.size === 0) return;
    if (performance.now() > deadline) {
      throw new KataError(
        'KATA_LAB_UNKILLABLE',
        `processes of control group ${group} have not exited after SIGKILL: ${[...seen].join(', ')}`,
        {
          exitCode: exitCodes.timeout,
          hint: 'see in /proc/PID/stack what they wait for, then run this command again',
        },
      );
    }
    await sleep(20);
  }
}

/** True also for a zombie. */
async function hasEnded(pid: number): Promise<boolean> {
  const stat = await readOrEmpty(`/proc/${pid}/stat`);
  return stat === undefined || /\) [ZX] /.test(stat);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It exited between the listing and the signal.
  }
}

/** Removes the empty group and all below it. Retries, because the kernel may still be removing exited processes. */
export async function removeGroup(group: string, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let lastError: unknown;
    for (const hierarchy of await listHierarchies()) {
      const deepestFirst = (await listSubtree(join(hierarchy.mountPoint, group))).toReversed();
      for (const directory of deepestFirst) {
        await rmdir(directory).catch((error: unknown) => {
          lastError = error;
        });
      }
    }
    if (lastError === undefined) return;
    if (performance.now() > deadline) {
      throw new KataError('KATA_LAB_GROUP_BUSY', `cannot remove the control group ${group}`, {
        exitCode: exitCodes.conflict,
        cause: lastError,
      });
    }
    await sleep(50);
  }
}

/** The directory and all below it, parents before children; empty when it is not there. */
async function listSubtree(directory: string): Promise<readonly string[]> {
  let entries;
  try {
    entries = await readdir(directory, { withFileTypes: true });
  } catch {
    return [];
  }
  const found = [directory];
  for (const entry of entries) {
    if (entry.isDirectory()) found.push(...(await listSubtree(join(directory, entry.name))));
  }
  return found;
}

async function readOrEmpty(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
