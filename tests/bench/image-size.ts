/** What a node that has nothing pulls: the compressed layers of the installer image, as a release packs them. */
import { createZstdDecompress } from 'node:zlib';
import { Readable } from 'node:stream';
import { highestZstdLevel } from '@kata/artifacts/image';
import { compress } from '@kata/oci';
import type { LabDriver } from '../driver/lab-driver.ts';

interface Layer {
  readonly mediaType: string;
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
}

/** The lab packs at a fast level; what is not compressed already is packed again at the level of a release. */
export async function imageMegabytes(lab: LabDriver, version: string): Promise<number> {
  const status = await lab.lab(['status', '--output', 'json']);
  const { registry } = JSON.parse(status) as { readonly registry: string };
  const repository = `http://${registry}/v2/kata-deploy`;
  const answer = await fetch(`${repository}/manifests/${version}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  const { layers } = (await answer.json()) as { readonly layers: readonly Layer[] };
  let bytes = 0;
  for (const layer of layers) {
    bytes += layer.mediaType.endsWith('+zstd')
      ? await packedAgain(`${repository}/blobs/${layer.digest}`)
      : layer.size;
  }
  return bytes / 1e6;
}

async function packedAgain(url: string): Promise<number> {
  const { body } = await fetch(url);
  if (body === null) throw new TypeError(`${url} is empty`);
  let bytes = 0;
  const tar = Readable.fromWeb(body).pipe(createZstdDecompress());
  for await (const piece of compress(tar, highestZstdLevel)) bytes += piece.length;
  return bytes;
}
