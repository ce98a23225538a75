/** Writes an OCI image layout: a folder that skopeo copies and containerd imports. No daemon is involved. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type LayerEntries, streamLayer } from './layer.ts';

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
  readonly layers: readonly LayerEntries[];
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
  // Not compressed: most of what our images hold is compressed already, and gzip differs between versions of zlib.
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

export async function writeImageLayout(directory: string, image: Image): Promise<WrittenImage> {
  const blobs = join(directory, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const layers: Descriptor[] = [];
  for (const entries of image.layers) {
    layers.push(await writeBlob(blobs, mediaTypes.layer, streamLayer(entries)));
  }
  const config = await writeDocument(blobs, mediaTypes.config, {
    created: (image.created ?? new Date(0)).toISOString(),
    architecture: image.architecture,
    os: 'linux',
    config: image.config,
    // Layers are not compressed, so their digests are the digests of their content.
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
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
  return await writeBlob(directory, mediaType, [Buffer.from(JSON.stringify(document))]);
}

/** The digest is known when the last byte is written, and the name with it. */
async function writeBlob(
  directory: string,
  mediaType: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<Descriptor> {
  const unnamed = join(directory, `${randomUUID()}.unfinished`);
  const hash = createHash('sha256');
  let size = 0;
  async function* measure(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  try {
    await pipeline(measure, createWriteStream(unnamed, { highWaterMark: 2 ** 22 }));
    const name = hash.digest('hex');
    await rename(unnamed, join(directory, name));
    return { mediaType, digest: `sha256:${name}`, size };
  } finally {
    await rm(unnamed, { force: true });
  }
}
