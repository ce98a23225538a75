/** What a lab could leave behind on a machine, as sorted lines that can be compared. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

export interface MachineSnapshot {
  readonly mounts: readonly string[];
  readonly links: readonly string[];
  readonly addresses: readonly string[];
  readonly routes: readonly string[];
  readonly firewall: readonly string[];
  readonly controlGroups: readonly string[];
  readonly namespaces: readonly string[];
  readonly processes: readonly ProcessInfo[];
}

interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly startTime: string;
  readonly command: string;
}

/** `rootFileSystem` is that of the lab and provides nft, which the machine may not have. */
export async function takeSnapshot(rootFileSystem: string): Promise<MachineSnapshot> {
  const lines = async (...argv: readonly string[]): Promise<readonly string[]> => {
    const [program = '', ...rest] = argv;
    return (await execa(program, rest)).stdout
      .split('\n')
      .filter((line) => line !== '')
      .toSorted();
  };
  const mountInfo = await readFile('/proc/self/mountinfo', 'utf8');
  return {
    // Without the ids of the kernel: only what is mounted where.
    mounts: mountInfo
      .split('\n')
      .map((line) => line.split(' ').slice(3).join(' '))
      .toSorted(),
    links: (await lines('ip', '-oneline', 'link')).map((line) => line.split(': ').slice(1, 2).join('')),
    addresses: (await lines('ip', '-oneline', '-brief', 'address')).map((line) => line.trim()),
    routes: [
      ...(await lines('ip', '-4', 'route', 'show', 'table', 'all')),
      ...(await lines('ip', '-6', 'route', 'show', 'table', 'all')).map((line) =>
        line.replace(/ pref .*/, ''),
      ),
    ],
    firewall: await lines('chroot', rootFileSystem, 'nft', 'list', 'ruleset'),
    controlGroups: await lines('find', '/sys/fs/cgroup', '-mindepth', '2', '-type', 'd'),
    namespaces: await lines('sh', '-c', 'ls /run/netns 2>/dev/null || true'),
    processes: await listProcesses(),
  };
}

/** What is new after, and what is gone, one line each. */
export function compareSnapshots(before: MachineSnapshot, after: MachineSnapshot): readonly string[] {
  const found: string[] = [];
  for (const kind of [
    'mounts',
    'links',
    'addresses',
    'routes',
    'firewall',
    'controlGroups',
    'namespaces',
  ] as const) {
    const had = new Set(before[kind]);
    const has = new Set(after[kind]);
    for (const line of after[kind]) if (!had.has(line)) found.push(`new in ${kind}: ${line}`);
    for (const line of before[kind]) if (!has.has(line)) found.push(`gone from ${kind}: ${line}`);
  }
  return [...found, ...leftProcesses(before.processes, after.processes)];
}

/** New processes without an older ancestor other than the machine's init. */
function leftProcesses(before: readonly ProcessInfo[], after: readonly ProcessInfo[]): readonly string[] {
  const known = new Set(before.map(identity));
  const byPid = new Map(after.map((process) => [process.pid, process]));
  const isLeft = (process: ProcessInfo): boolean => {
    if (known.has(identity(process))) return false;
    const parent = byPid.get(process.parent);
    if (parent === undefined || parent.pid === 1) return true;
    return isLeft(parent);
  };
  return after.filter(isLeft).map((process) => `new process: ${process.pid} ${process.command}`);
}

const identity = (process: ProcessInfo): string => `${process.pid} ${process.startTime}`;

async function listProcesses(): Promise<readonly ProcessInfo[]> {
  const found: ProcessInfo[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = await readFile(join('/proc', entry, 'stat'), 'utf8');
      const end = stat.lastIndexOf(')');
      const fields = stat.slice(end + 2).split(' ');
      const parent = Number(fields[1]);
      if (parent === 2 || entry === '2') continue;
      // A zombie that the machine's init has not reaped yet.
      if (fields[0] === 'Z' && parent === 1) continue;
      const command = (await readFile(join('/proc', entry, 'cmdline'), 'utf8')).replaceAll('\0', ' ').trim();
      found.push({
        pid: Number(entry),
        parent,
        startTime: fields[19] ?? '',
        command: command === '' ? stat.slice(stat.indexOf('('), end + 1) : command,
      });
    } catch {
      // It has exited meanwhile.
    }
  }
  return found;
}
