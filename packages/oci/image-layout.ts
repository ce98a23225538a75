/** Writes an OCI image layout: a folder that skopeo copies and containerd imports. No daemon is involved. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LayerEntries, streamLayer } from './layer.ts';
import { writeBlob } from './write-blob.ts';

/** Part of the `config` object of the OCI image specification. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly User?: string;
  readonly WorkingDir?: string;
}

export interface ImageLayer {
  readonly entries: LayerEntries;
  /** Default: not compressed, which is right for layers that contain archives. */
  readonly zstdLevel?: number;
}

export interface Image {
  /** The tag, as `org.opencontainers.image.ref.name`. */
  readonly tag: string;
  /** Go's name for it: `amd64`, `arm64`, `s390x`, `ppc64le`. */
  readonly architecture: string;
  readonly config: ImageConfig;
  readonly layers: readonly ImageLayer[];
  /** Of the manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Default: 1970, so that the same content has the same digest on another day. */
  readonly created?: Date;
}

export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly size: number;
}

export interface WrittenImage {
  readonly manifest: Descriptor;
  /** In the image's order. */
  readonly layers: readonly Descriptor[];
}

const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  plainLayer: 'application/vnd.oci.image.layer.v1.tar',
  zstdLayer: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;

export async function writeImageLayout(directory: string, image: Image): Promise<WrittenImage> {
  const blobs = join(directory, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const layers: Descriptor[] = [];
  const diffIds: string[] = [];
  for (const { entries, zstdLevel } of image.layers) {
    const { contentDigest, digest, size } = await writeBlob(blobs, streamLayer(entries), zstdLevel);
    const mediaType = zstdLevel === undefined ? mediaTypes.plainLayer : mediaTypes.zstdLayer;
    layers.push({ mediaType, digest, size });
    diffIds.push(contentDigest);
  }
  const config = await writeDocument(blobs, mediaTypes.config, {
    created: (image.created ?? new Date(0)).toISOString(),
    architecture: image.architecture,
    os: 'linux',
    config: image.config,
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
  const manifest = await writeDocument(blobs, mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers,
    ...(image.annotations === undefined ? {} : { annotations: image.annotations }),
  });
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': image.tag } };
  await writeFile(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return { manifest, layers };
}

async function writeDocument(directory: string, mediaType: string, document: object): Promise<Descriptor> {
  const { digest, size } = await writeBlob(directory, [Buffer.from(JSON.stringify(document))]);
  return { mediaType, digest, size };
}
