/** Writes an OCI image layout: a folder that skopeo copies and containerd imports. No daemon is involved. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LayerEntry, packLayer } from './layer.ts';

/** Part of the `config` object of the OCI image specification. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly User?: string;
  readonly WorkingDir?: string;
}

export interface Image {
  /** The tag, as `org.opencontainers.image.ref.name`. */
  readonly tag: string;
  /** Go's name for it: `amd64`, `arm64`, `s390x`, `ppc64le`. */
  readonly architecture: string;
  readonly config: ImageConfig;
  readonly layers: readonly (readonly LayerEntry[])[];
}

export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly size: number;
}

const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

/** Returns the descriptor of the image's manifest. */
export async function writeImageLayout(directory: string, image: Image): Promise<Descriptor> {
  const blobs = join(directory, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const layers: Descriptor[] = [];
  for (const entries of image.layers) {
    layers.push(await writeBlob(blobs, mediaTypes.layer, await packLayer(entries)));
  }
  const config = await writeBlob(blobs, mediaTypes.config, {
    architecture: image.architecture,
    os: 'linux',
    config: image.config,
    // Layers are not compressed, so their digests are the digests of their content.
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
  });
  const manifest = await writeBlob(blobs, mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers,
  });
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': image.tag } };
  await writeFile(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return manifest;
}

async function writeBlob(
  directory: string,
  mediaType: string,
  content: Uint8Array | object,
): Promise<Descriptor> {
  const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
  const hash = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(directory, hash), bytes);
  return { mediaType, digest: `sha256:${hash}`, size: bytes.length };
}
