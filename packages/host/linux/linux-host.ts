/** A real machine, as seen from a container that mounts its root (or from the machine itself). */
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { exitCodes, goArchitecture, KataError } from '@kata/core';
import { fileError } from '../files/file-error.ts';
import { findHostMount } from '../files/mount-table.ts';
import type { Host, HostPath } from '../host.ts';
import { SystemdUnits } from '../systemd/systemd-units.ts';
import { readBootId } from './boot-id.ts';
import { holdLock } from './hold-lock.ts';
import { LinuxFiles, type LinuxFilesOptions } from './linux-files.ts';

export interface LinuxHostOptions extends LinuxFilesOptions {
  /** As the host sees it. Mount its directory, because systemd creates the socket again. */
  readonly privateSocket?: HostPath;
  readonly busSocket?: HostPath;
  /** Where we see the host's `/run/lock` when that is not below `root`. */
  readonly lockDirectory?: string;
  /** Only parts of the host are mounted below `root`, though it is `/`. */
  readonly isPartial?: boolean;
}

export function createLinuxHost(options: LinuxHostOptions): Host & { readonly files: LinuxFiles } {
  const files = new LinuxFiles(options);
  const isPartial = options.isPartial ?? options.root !== '/';
  const privateSocket = options.privateSocket ?? '/run/systemd/private';
  const busSocket = options.busSocket ?? '/run/dbus/system_bus_socket';
  return {
    files,
    architecture: goArchitecture(),
    units: new SystemdUnits(() => ({
      privateSocket: files.locate(privateSocket),
      busSocket: files.locate(busSocket),
    })),
    lock: async (path, lockOptions) => {
      const { helper } = options;
      if (helper === undefined) throw missingHelper(path);
      const { lockDirectory } = options;
      if (lockDirectory === undefined) await files.makeDirectory(posix.dirname(path) as HostPath);
      const place =
        lockDirectory === undefined ? files.locate(path) : posix.join(lockDirectory, posix.basename(path));
      return await holdLock({ ...lockOptions, helper, path, place });
    },
    now: () => new Date(),
    bootId: readBootId,
    socketPath: (path) => files.locate(path),
    mountOf: async (path) => {
      const place = files.locate(path);
      return findHostMount(await readMountTable(), place, { root: files.locate('/'), isPartial });
    },
    isPartial,
  };
}

/** Of this process: a mounted part of the machine keeps its options. */
async function readMountTable(): Promise<string> {
  const path = '/proc/self/mountinfo';
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fileError('read', path, error);
  }
}

function missingHelper(path: HostPath): KataError {
  return new KataError('KATA_HOST_HELPER', `cannot lock ${path} without kata-helper`, {
    exitCode: exitCodes.precondition,
    hint: 'build kata-helper (packages/host/helper) and pass its path',
  });
}
