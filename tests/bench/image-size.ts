/** What a node that has nothing pulls: the compressed layers of the installer image. */
import type { LabDriver } from '../driver/lab-driver.ts';

export async function imageMegabytes(lab: LabDriver, version: string): Promise<number> {
  const status = await lab.lab(['status', '--output', 'json']);
  const { registry } = JSON.parse(status) as { readonly registry: string };
  const answer = await fetch(`http://${registry}/v2/kata-deploy/manifests/${version}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  const { layers } = (await answer.json()) as { readonly layers: readonly { readonly size: number }[] };
  return layers.reduce((sum, { size }) => sum + size, 0) / 1e6;
}
