/** Refuses a release that does not fit on the file system of the installation. */
import { type ReleasePlan, spareBytes } from '@kata/artifacts';
import { exitCodes, KataError } from '@kata/core';
import { describeMount, type Host, type HostPath } from '@kata/host';

/** @throws KataError `KATA_STORE_SPACE` */
export async function checkSpace(
  host: Pick<Host, 'files' | 'mountOf'>,
  prefix: HostPath,
  { release, bytesToWrite }: Pick<ReleasePlan, 'release' | 'bytesToWrite'>,
): Promise<void> {
  const free = await host.files.freeBytes(prefix);
  const needed = bytesToWrite + spareBytes;
  if (free >= needed) return;
  const mount = await host.mountOf(prefix);
  const place = mount === undefined ? '' : ` on ${describeMount(mount)}`;
  throw new KataError(
    'KATA_STORE_SPACE',
    `release ${release.id} needs ${Math.ceil(needed / 1e6)} MB below ${prefix}, and only ${Math.floor(free / 1e6)} MB are free${place}`,
    {
      exitCode: exitCodes.precondition,
      hint: 'free some space there, or remove old releases: kata-deploy releases prune',
    },
  );
}
