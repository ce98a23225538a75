/** Creates the root directory of a machine: private copies of what may change, the shared /usr read-only. */
import { chmod, mkdir, readdir, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { baseLink, type LabPlace, machineDirectory } from '../lab.ts';
import { run } from '../run.ts';
import type { MachineFile } from './machine-file.ts';

/** Paths of the running machine, relative to its directory in the lab. */
export const machineRoot = (directory: string): string => join(directory, 'root');
/** Becomes /usr/local, the only writable part of /usr. */
export const machineLocal = (directory: string): string => join(directory, 'local');

export interface PrepareMachineOptions {
  readonly place: LabPlace;
  readonly name: string;
  readonly files: readonly MachineFile[];
}

/** Atomic: creates the folder under another name, then renames it. */
export async function prepareMachine(options: PrepareMachineOptions): Promise<void> {
  const directory = machineDirectory(options.place, options.name);
  const unfinished = `${directory}.unfinished`;
  const root = machineRoot(unfinished);
  const base = await realpath(baseLink(options.place));
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  await mkdir(join(machineLocal(unfinished), 'bin'), { recursive: true });
  const copied = (await readdir(base)).filter((name) => name !== 'usr');
  await run(['cp', '-a', ...copied.map((name) => join(base, name)), `--target-directory=${root}`]);
  await mkdir(join(root, 'usr'));
  for (const file of [...baseFiles(options.name), ...options.files]) await placeFile(unfinished, file);
  await rename(unfinished, directory);
}

export async function isPrepared(place: LabPlace, name: string): Promise<boolean> {
  return await stat(machineDirectory(place, name)).then(
    () => true,
    () => false,
  );
}

/** Atomic, because the machine may be running. */
export async function placeFile(directory: string, file: MachineFile): Promise<void> {
  const path = file.path.startsWith('/usr/local/')
    ? join(machineLocal(directory), file.path.slice('/usr/local/'.length))
    : join(machineRoot(directory), file.path);
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.lab-new`;
  if ('linkTo' in file) {
    await symlink(file.linkTo, unfinished);
  } else {
    await writeFile(unfinished, file.content);
    await chmod(unfinished, file.mode ?? 0o644);
  }
  await rename(unfinished, path);
}

/** What every machine has: a journal that survives, quick shutdown, no services that a node does not need. */
function baseFiles(name: string): readonly MachineFile[] {
  const unwanted = [
    'console-getty.service',
    'getty.target',
    'systemd-logind.service',
    'systemd-networkd.service',
    'docker-registry.service',
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'dpkg-db-backup.timer',
    'e2scrub_all.timer',
    'e2scrub_reap.service',
    'fstrim.timer',
    'remote-fs.target',
    'sys-kernel-debug.mount',
    'sys-kernel-tracing.mount',
    'dev-hugepages.mount',
  ];
  return [
    { path: '/etc/hostname', content: `${name}\n` },
    {
      path: '/etc/systemd/journald.conf.d/lab.conf',
      content: '[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\nSystemMaxUse=200M\n',
    },
    {
      path: '/etc/systemd/system.conf.d/lab.conf',
      content: '[Manager]\nDefaultTimeoutStopSec=15s\n',
    },
    { path: '/etc/systemd/system/default.target', linkTo: '/lib/systemd/system/multi-user.target' },
    ...unwanted.map((unit) => ({ path: `/etc/systemd/system/${unit}`, linkTo: '/dev/null' })),
  ];
}
