/** Refuses a prefix on a mount that is read-only, or from which programs cannot be run. */
import { posix } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';

/** `run`: the engine must be able to run shims from there. */
export type PrefixUse = 'write' | 'run';

/** @throws KataError `KATA_INSTALLER_PREFIX` */
export async function checkPrefix(
  host: Pick<Host, 'mountOf'>,
  prefix: HostPath,
  use: PrefixUse,
): Promise<void> {
  const mount = await host.mountOf(prefix);
  if (mount === undefined) {
    const parent = posix.dirname(prefix);
    throw new KataError(
      'KATA_INSTALLER_PREFIX',
      `${prefix} is in this container: nothing of the host is mounted there`,
      {
        exitCode: exitCodes.precondition,
        hint: `mount the host's ${parent} at the same path below HOST_ROOT, or set INSTALLATION_PREFIX (value env.installationPrefix) to a place that is mounted`,
        details: { prefix },
      },
    );
  }
  const unfit = use === 'run' ? ['ro', 'noexec'] : ['ro'];
  const wrong = unfit.filter((option) => mount.options.includes(option));
  if (wrong.length === 0) return;
  throw new KataError(
    'KATA_INSTALLER_PREFIX',
    `${prefix} is on the mount ${mount.point}, which is ${wrong.join(' and ')}`,
    {
      exitCode: exitCodes.precondition,
      hint: 'mount it rw and exec, or set INSTALLATION_PREFIX (value env.installationPrefix) to a place that is',
      details: { prefix, mount: mount.point, options: mount.options },
    },
  );
}
