/** Damages a release on a node: in its store, or in the image from which it could be installed again. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PayloadVersion } from '@kata/lab/payload/component-files.ts';
import type { LabDriver } from './lab-driver.ts';
import { smallPayload } from './lab-registry.ts';

/** Changes the content but not the size of a kernel, like a bad block. No other release shares it. */
export async function damageStore(lab: LabDriver, node: string, version: PayloadVersion): Promise<void> {
  await lab.onNode(node, [
    ...['sh', '-c'],
    `set -e; for f in /opt/kata/releases/${version}-*/share/kata-containers/vmlinux-[0-9.]*-20[0-9]; do
      printf 'bad' | dd of=$f bs=1 seek=100 conv=notrunc status=none; done`,
  ]);
}

/** Returns what restores the image of the installer on the node. */
export async function damagePayload(
  lab: LabDriver,
  node: string,
  version: PayloadVersion,
): Promise<() => Promise<void>> {
  const archive = 'kata-static-kernel.tar.zst';
  const { components } = await smallPayload(version);
  const digest = createHash('sha256')
    .update(await readFile(join(components, archive)))
    .digest('hex');
  const found = await lab.onNode(node, [
    ...['sh', '-c'],
    `find /var/lib/containerd -path '*/opt/kata-artifacts/*' -name ${archive} -exec sha256sum {} + | grep ${digest}`,
  ]);
  const paths = found
    .trim()
    .split('\n')
    .map((line) => line.slice(digest.length).trim());
  for (const path of paths) {
    await lab.onNode(node, ['sh', '-c', `cp -a ${path} ${path}.sound && truncate --size=100 ${path}`]);
  }
  return async () => {
    for (const path of paths) await lab.onNode(node, ['sh', '-c', `cat ${path}.sound >${path}`]);
  };
}
