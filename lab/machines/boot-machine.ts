/** Boots and stops machines: systemd as process 1 of a systemd-nspawn container in the namespaces of the lab. */
import { mkdir, open, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, KataError, waitFor } from '@kata/core';
import { findInit, inNamespaces, spawnDetached } from '../namespace-host/namespaces.ts';
import { inGroup, killGroup, listProcesses, removeGroup } from '../namespace-host/control-groups.ts';
import { baseLink, type LabPlace, machineDirectory, machineGroup, network, toolLink } from '../lab.ts';
import { run } from '../run.ts';
import type { ToolName } from '../tools/catalog.ts';
import { machineLocal, machineRoot } from './prepare-machine.ts';

export interface BootOptions {
  readonly place: LabPlace;
  readonly name: string;
  readonly namespaceHostPid: number;
  /** Tools that the machine sees, read-only, at /usr/local/lib/lab/<name>. */
  readonly tools: readonly ToolName[];
}

/** Where a machine finds the programs of a tool. */
export function toolPath(tool: string, program = ''): string {
  return join('/usr/local/lib/lab', tool, program);
}

/** Resolves when the machine's systemd is running; its units may still be starting. */
export async function bootMachine(options: BootOptions): Promise<void> {
  const { place, name, namespaceHostPid } = options;
  const directory = machineDirectory(place, name);
  const group = machineGroup(place, name);
  await removeGroup(group);
  await mountUsr(options, directory);
  const binds = options.tools.map((tool) => `--bind-ro=${toolLink(place, tool)}:${toolPath(tool)}`);
  const argv = inNamespaces(namespaceHostPid, [
    'env',
    'SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes',
    'systemd-nspawn',
    '--quiet',
    '--boot',
    `--directory=${machineRoot(directory)}`,
    `--machine=${name}`,
    '--register=no',
    '--keep-unit',
    `--network-bridge=${network.bridge}`,
    '--capability=all',
    '--system-call-filter=@known',
    '--resolv-conf=off',
    '--bind=/dev/kmsg',
    '--bind=/dev/fuse',
    '--console=pipe',
    ...binds,
  ]);
  const console = await open(join(directory, 'console.log'), 'a');
  try {
    spawnDetached(await inGroup(group, argv), console.fd);
  } finally {
    await console.close();
  }
  await waitFor({ what: `systemd of machine "${name}"`, timeoutMs: 20_000, intervalMs: 50 }, () =>
    findLeader(place, name),
  ).catch(async (error: unknown) => {
    const log = await readFile(join(directory, 'console.log'), 'utf8');
    throw new KataError('KATA_LAB_BOOT', `machine "${name}" did not boot`, {
      exitCode: exitCodes.precondition,
      cause: new Error(log.trim().split('\n').slice(-5).join('\n'), { cause: error }),
    });
  });
}

async function mountUsr(options: BootOptions, directory: string): Promise<void> {
  const usr = join(machineRoot(directory), 'usr');
  const mounted = await readFile(`/proc/${options.namespaceHostPid}/mountinfo`, 'utf8');
  if (mounted.includes(` ${usr} `)) return;
  const mount = async (...argv: readonly string[]): Promise<void> => {
    await run(inNamespaces(options.namespaceHostPid, ['mount', ...argv]));
  };
  await mount('--bind', join(await realpath(baseLink(options.place)), 'usr'), usr);
  await mount('-o', 'remount,bind,ro', usr);
  await mkdir(machineLocal(directory), { recursive: true });
  await mount('--bind', machineLocal(directory), join(usr, 'local'));
}

/** The process id of the machine's systemd as this machine sees it; undefined while it is off. */
export async function findLeader(place: LabPlace, name: string): Promise<number | undefined> {
  return await findInit(machineGroup(place, name), 2);
}

/** Tells the machine's systemd to power off; kills what is left after the time-out. */
export async function stopMachine(place: LabPlace, name: string, timeoutMs = 40_000): Promise<void> {
  const leader = await findLeader(place, name);
  const group = machineGroup(place, name);
  if (leader !== undefined) {
    process.kill(leader, signalPowerOff);
    await waitFor({ what: `machine "${name}" to power off`, timeoutMs }, async () =>
      (await listProcesses(group)).size === 0 ? true : undefined,
    ).catch(() => undefined);
  }
  await killMachine(place, name);
}

// SIGRTMIN+4, to which systemd answers with poweroff.target.
const signalPowerOff = 38;

/** Like a power cut: kills every process of the machine at once. */
export async function killMachine(place: LabPlace, name: string): Promise<void> {
  const group = machineGroup(place, name);
  await killGroup(group);
  await removeGroup(group);
}

/** The command that runs `argv` inside a running machine. */
export async function onMachine(
  place: LabPlace,
  name: string,
  argv: readonly string[],
): Promise<readonly string[]> {
  const leader = await findLeader(place, name);
  if (leader === undefined) {
    throw new KataError('KATA_LAB_MACHINE_OFF', `machine "${name}" is not running`, {
      exitCode: exitCodes.precondition,
      hint: `start it: lab node start ${name} --name ${place.name}`,
    });
  }
  return await inGroup(`${machineGroup(place, name)}/exec`, [
    'nsenter',
    '--target',
    String(leader),
    '--all',
    '--wd',
    '--',
    ...argv,
  ]);
}
