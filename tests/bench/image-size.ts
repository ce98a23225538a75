/** What a node without the image pulls: its compressed layers, at the compression level of a release. */
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

/** The lab compresses layers at a fast level: zstd layers are recompressed at the level of a release. */
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
      ? await recompressedBytes(`${repository}/blobs/${layer.digest}`)
      : layer.size;
  }
  return bytes / 1e6;
}

async function recompressedBytes(url: string): Promise<number> {
  const { body } = await fetch(url);
  if (body === null) throw new TypeError(`${url} is empty`);
  let bytes = 0;
  const tar = Readable.fromWeb(body).pipe(createZstdDecompress());
  for await (const piece of compress(tar, highestZstdLevel)) bytes += piece.length;
  return bytes;
}
