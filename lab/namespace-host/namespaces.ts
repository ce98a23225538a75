/**
 * The namespace host of a lab: one process that holds its network, mount and process namespaces. Links,
 * routes, firewall rules and mounts of a lab exist only in them, so they always end with that process.
 */
import { readFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { waitFor } from '@kata/core';
import type { LabPlace } from '../lab.ts';
import { inGroup, listProcesses } from './control-groups.ts';

const namespaceHostGroup = (place: LabPlace): string => `${place.group}/namespace-host`;

/** Starts the namespace host; returns the process id of its init in the process namespace of this machine. */
export async function startNamespaceHost(place: LabPlace): Promise<number> {
  const argv = await inGroup(namespaceHostGroup(place), [
    'unshare',
    '--mount',
    '--net',
    '--pid',
    '--ipc',
    '--uts',
    '--fork',
    '--mount-proc',
    '--propagation',
    'private',
    'catatonit',
    '-P',
  ]);
  spawnDetached(argv);
  return await waitFor({ what: "the lab's namespaces", timeoutMs: 10_000, intervalMs: 20 }, () =>
    findNamespaceHost(place),
  );
}

export async function findNamespaceHost(place: LabPlace): Promise<number | undefined> {
  return await findInit(namespaceHostGroup(place), 1);
}

/** Starts a process that keeps running after this one exits. */
export function spawnDetached(argv: readonly string[], output: number | 'ignore' = 'ignore'): void {
  const [program, ...rest] = argv;
  if (program === undefined) throw new TypeError('spawnDetached needs a program');
  spawn(program, rest, { detached: true, stdio: ['ignore', output, output], cwd: '/' }).unref();
}

/** The command that runs `argv` in the namespaces of the lab: its network, mounts and processes. */
export function inNamespaces(namespaceHostPid: number, argv: readonly string[]): readonly string[] {
  return [
    'nsenter',
    '--target',
    String(namespaceHostPid),
    '--mount',
    '--net',
    '--pid',
    '--ipc',
    '--uts',
    '--',
    ...argv,
  ];
}

/** Finds in a group the process that is number 1 of a process namespace `depth` levels below ours. */
export async function findInit(group: string, depth: number): Promise<number | undefined> {
  const ownLevels = (await namespacePids(process.pid))?.length ?? 1;
  for (const pid of await listProcesses(group)) {
    const pids = await namespacePids(pid);
    if (pids?.length === ownLevels + depth && pids.at(-1) === 1) return pid;
  }
  return undefined;
}

async function namespacePids(pid: number): Promise<readonly number[] | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const line = /^NSpid:\s+(.*)$/m.exec(status)?.[1];
    return line?.trim().split(/\s+/).map(Number);
  } catch {
    return undefined;
  }
}
