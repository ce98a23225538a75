/** Resident memory of the waiter, in megabytes. */
import { imageDirectory } from '../driver/node-installer.ts';
import type { BenchNode } from './bench-node.ts';

export async function waiterMegabytes(node: BenchNode, version: string): Promise<number> {
  const kibibytes = await node.shell(
    `chroot ${imageDirectory(version)} /usr/bin/kata-helper wait -- /bin/true & sleep 0.5
    sed -n 's/^VmRSS: *//p' /proc/$!/status; kill -9 $!`,
  );
  return (Number.parseInt(kibibytes, 10) * 1024) / 1e6;
}
