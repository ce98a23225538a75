import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { type LayerEntry, packLayer } from '@kata/oci';
import { expect, test } from 'vitest';
import { configuration, install, useMakePayload, makeStore, text, trees } from './testkit/store-payloads.ts';
import { archiveOf, openPayload, type Payload } from './payload-directory.ts';
import { type PayloadManifest } from './payload.ts';

const makePayload = useMakePayload();

const rest = trees('5');

/** Changes to a payload that its manifest does not describe. */
const breakages: readonly {
  readonly what: string;
  readonly break: (payload: Payload) => Promise<void>;
  readonly error: object;
}[] = [
  {
    what: 'an archive is missing',
    break: async (payload) => await rm(archiveOf(payload, 'kernel').path),
    error: { code: 'KATA_PAYLOAD_ARCHIVE_MISSING', details: { component: 'kernel' } },
  },
  {
    what: 'an archive is truncated',
    break: async (payload) => await truncate(archiveOf(payload, 'image').path, 60),
    error: { code: 'KATA_PAYLOAD_ARCHIVE_BROKEN', details: { component: 'image' } },
  },
  {
    what: 'a byte is flipped in an archive',
    break: async (payload) => {
      const { path } = archiveOf(payload, 'image');
      const bytes = await readFile(path);
      bytes.writeUInt8(bytes.readUInt8(60) ^ 0xff, 60);
      await writeFile(path, bytes);
    },
    error: { details: { component: 'image' } },
  },
  {
    what: 'an archive was packed again from the same files',
    break: async (payload) => {
      const packed = zstdCompressSync(await packLayer(rest['kernel'] ?? []));
      // The second frame is empty: the files are the same, the bytes of the archive are not.
      await writeFile(archiveOf(payload, 'kernel').path, Buffer.concat([packed, zstdCompressSync('')]));
    },
    error: {
      code: 'KATA_PAYLOAD_ARCHIVE_BROKEN',
      details: { component: 'kernel', file: 'kata-static-kernel.tar.zst' },
    },
  },
  {
    what: 'a byte of a file differs',
    break: async (payload) => {
      await replace(payload, 'qemu', [
        text('bin/qemu', 'a hypervisoR', 0o755),
        text(configuration, 'path = "qemu"\n'),
      ]);
    },
    error: { code: 'KATA_PAYLOAD_FILE_CHANGED', details: { component: 'qemu', file: 'bin/qemu' } },
  },
  {
    what: 'the kernel is not in its archive',
    break: async (payload) => {
      await replace(payload, 'kernel', (rest['kernel'] ?? []).slice(1));
    },
    error: { code: 'KATA_PAYLOAD_FILE_MISSING', details: { component: 'kernel', file: 'share/vmlinux-5' } },
  },
  {
    what: 'a link has another target',
    break: async (payload) => {
      const [kernel] = rest['kernel'] ?? [];
      if (kernel === undefined) throw new Error('there is no kernel');
      await replace(payload, 'kernel', [
        kernel,
        { kind: 'link', path: './opt/kata/share/vmlinux.container', target: 'vmlinux-4' },
      ]);
    },
    error: {
      code: 'KATA_PAYLOAD_FILE_CHANGED',
      details: { component: 'kernel', file: 'share/vmlinux.container' },
    },
  },
  {
    what: 'an archive has an additional file',
    break: async (payload) => {
      await replace(payload, 'kernel', [...(rest['kernel'] ?? []), text('bin/more', 'more')]);
    },
    error: { code: 'KATA_PAYLOAD_FILE_UNEXPECTED', details: { component: 'kernel', file: 'bin/more' } },
  },
];

async function replace(payload: Payload, component: string, entries: readonly LayerEntry[]): Promise<void> {
  await writeFile(archiveOf(payload, component).path, zstdCompressSync(await packLayer(entries)));
}

test.each(breakages)('when $what, nothing is installed and the error names it', async (breakage) => {
  const store = makeStore({ files: { '/etc/hostname': 'node\n' } });
  const before = store.files.snapshot();
  const payload = await makePayload('1.0.0', rest);
  await breakage.break(payload);

  await expect(install(store, payload)).rejects.toMatchObject(breakage.error);

  expect(store.files.snapshot()).toEqual(before);
});

test.each<{ what: string; change: (manifest: PayloadManifest) => object; error: object }>([
  {
    what: 'another architecture',
    change: (manifest) => ({ ...manifest, architecture: 'arm64' }),
    error: { code: 'KATA_PAYLOAD_ARCHITECTURE' },
  },
  {
    what: 'a version that is a path',
    change: (manifest) => ({ ...manifest, version: '../..' }),
    error: { code: 'KATA_PAYLOAD_MANIFEST' },
  },
  {
    what: 'an archive outside its directory',
    change: (manifest) => ({
      ...manifest,
      components: manifest.components.map((component) => ({ ...component, archive: '../../etc/passwd' })),
    }),
    error: { code: 'KATA_PAYLOAD_MANIFEST' },
  },
  {
    what: 'a path with ".."',
    change: (manifest) => ({
      ...manifest,
      components: manifest.components.map((component) => ({
        ...component,
        entries: [{ kind: 'directory', path: '../x', mode: 0o755 }],
      })),
    }),
    error: { code: 'KATA_PAYLOAD_MANIFEST' },
  },
  {
    what: 'an archive of another size',
    change: (manifest) => ({
      ...manifest,
      components: manifest.components.map((component) => ({ ...component, archiveSize: 1 })),
    }),
    error: { code: 'KATA_PAYLOAD_ARCHIVE_BROKEN', details: { component: 'image' } },
  },
])('a payload with $what is refused', async ({ change, error }) => {
  const { directory, manifest } = await makePayload('1.0.0', trees('5'));
  await writeFile(join(directory, 'payload.json'), JSON.stringify(change(manifest)));

  await expect(openPayload(directory, { architecture: 'amd64' })).rejects.toMatchObject(error);
});
