import { createHash } from 'node:crypto';
import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Image, writeImageLayout } from './image-layout.ts';
import { type LayerEntry, packLayer } from './layer.ts';

const entries: readonly (readonly LayerEntry[])[] = [
  [{ kind: 'directory', path: 'bin' }],
  [{ kind: 'file', path: 'bin/tool', content: Buffer.from('tool'), mode: 0o755 }],
];

const image: Image = {
  tag: '1',
  architecture: 'amd64',
  config: { Cmd: ['/bin/tool'], Env: ['PATH=/bin'] },
  layers: entries.map((layer) => ({ entries: layer })),
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const makeDirectory = async (): ReturnType<typeof mkdtempDisposable> =>
  await mkdtempDisposable(join(tmpdir(), 'oci-test-'));

test('every blob is named after its digest', async () => {
  await using directory = await makeDirectory();

  await writeImageLayout(directory.path, image);

  const blobs = join(directory.path, 'blobs/sha256');
  const names = await readdir(blobs);
  expect(names).toHaveLength(4);
  for (const name of names) expect(sha256(await readFile(join(blobs, name)))).toBe(name);
});

test('index, manifest, configuration and layers point to each other', async () => {
  await using directory = await makeDirectory();
  const readJson = async (file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(directory.path, file), 'utf8'));
  const readBlob = async (digest: string): Promise<unknown> =>
    await readJson(`blobs/sha256/${digest.replace('sha256:', '')}`);
  const layers = await Promise.all(entries.map(packLayer));
  const diffIds = layers.map((bytes) => `sha256:${sha256(bytes)}`);
  const configDigest: unknown = expect.stringMatching(/^sha256:/);

  const written = await writeImageLayout(directory.path, image);

  const manifest = (await readBlob(written.manifest.digest)) as {
    readonly config: { readonly digest: string };
  };
  expect(await readJson('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  expect(await readJson('index.json')).toEqual({
    schemaVersion: 2,
    manifests: [{ ...written.manifest, annotations: { 'org.opencontainers.image.ref.name': '1' } }],
  });
  expect(manifest).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: configDigest,
      size: expect.any(Number) as unknown,
    },
    layers: layers.map((bytes, i) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
      digest: diffIds[i],
      size: bytes.length,
    })),
  });
  expect(await readBlob(manifest.config.digest)).toEqual({
    created: '1970-01-01T00:00:00.000Z',
    architecture: 'amd64',
    os: 'linux',
    config: image.config,
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
});

test('the configuration names a compressed layer by the digest of its uncompressed bytes', async () => {
  await using directory = await makeDirectory();
  const content = await packLayer(entries[1] ?? []);

  const { manifest, layers } = await writeImageLayout(directory.path, {
    ...image,
    layers: [{ entries: entries[0] ?? [] }, { entries: entries[1] ?? [], zstdLevel: 3 }],
  });

  const blob = async (digest = ''): Promise<Buffer> =>
    await readFile(join(directory.path, 'blobs', digest.replace(':', '/')));
  const { config } = JSON.parse((await blob(manifest.digest)).toString()) as { config: { digest: string } };
  const { rootfs } = JSON.parse((await blob(config.digest)).toString()) as {
    rootfs: { diff_ids: readonly string[] };
  };
  const bytes = await blob(layers[1]?.digest);
  expect(layers.map(({ mediaType }) => mediaType)).toEqual([
    'application/vnd.oci.image.layer.v1.tar',
    'application/vnd.oci.image.layer.v1.tar+zstd',
  ]);
  expect(layers[1]).toMatchObject({ digest: `sha256:${sha256(bytes)}`, size: bytes.length });
  expect(zstdDecompressSync(bytes).equals(content)).toBe(true);
  expect(rootfs.diff_ids).toEqual([layers[0]?.digest, `sha256:${sha256(content)}`]);
});

test.each([3, 19])('compressed at level %i, the same content gives the same bytes', async (zstdLevel) => {
  await using directory = await makeDirectory();
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >> (i % 13)));
  const big: Image = {
    ...image,
    layers: [{ entries: [{ kind: 'file', path: 'big', content }], zstdLevel }],
  };

  expect(await writeImageLayout(directory.path, big)).toEqual(await writeImageLayout(directory.path, big));
});

test('writing an image twice gives the same manifest', async () => {
  await using first = await makeDirectory();
  await using second = await makeDirectory();

  const written = await writeImageLayout(first.path, image);

  expect(await writeImageLayout(second.path, image)).toEqual(written);
  expect(await writeImageLayout(first.path, image)).toEqual(written);
});
