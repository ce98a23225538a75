import { createWriteStream } from 'node:fs';
import { mkdir, mkdtempDisposable, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, zstdCompressSync } from 'node:zlib';
import { MemoryFiles } from '@kata/host/memory';
import { type LayerEntry, packLayer, streamLayer } from '@kata/oci';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describePayload } from './manifest.ts';
import { archiveOf, openPayload, type Payload } from './payload-directory.ts';
import { archiveName, type PayloadManifest } from './payload.ts';
import { planRelease } from './plan-release.ts';
import { choosePayload } from './payload-tree.ts';
import { payloadId, type ReleaseManifest } from './release.ts';
import { listReleases, readManifest, removeLeftovers, removeRelease, type Store } from './store.ts';
import { verifyRelease } from './verify-release.ts';
import { writeRelease, type WriteProgress } from './write-release.ts';

type Trees = Readonly<Record<string, readonly LayerEntry[]>>;

const text = (path: string, content: string, mode = 0o644): LayerEntry => ({
  kind: 'file',
  path: `./opt/kata/${path}`,
  content: Buffer.from(content),
  mode,
});

const configuration = 'share/defaults/kata-containers/configuration-qemu.toml';
const image = Buffer.alloc(300_000, 'an image ').toString();

function trees(kernel: string): Trees {
  return {
    kernel: [
      text(`share/vmlinux-${kernel}`, `kernel ${kernel}`),
      { kind: 'link', path: './opt/kata/share/vmlinux.container', target: `vmlinux-${kernel}` },
    ],
    qemu: [text('bin/qemu', 'a hypervisor', 0o755), text(configuration, 'path = "qemu"\n')],
    image: [text('share/kata.img', image), text('VERSION', '1\n')],
  };
}

let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
let count = 0;

beforeAll(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), 'store-test-'));
});

afterAll(async () => {
  await scratch.remove();
});

async function makePayload(version: string, components: Trees): Promise<Payload> {
  count += 1;
  const directory = join(scratch.path, String(count));
  const tarballs = join(directory, 'tarballs');
  await mkdir(tarballs, { recursive: true });
  const archives = Object.keys(components).map((component) => ({
    component,
    path: join(tarballs, archiveName(component)),
  }));
  for (const { component, path } of archives) {
    await pipeline(streamLayer(components[component] ?? []), createZstdCompress(), createWriteStream(path));
  }
  const manifest = describePayload({ version, architecture: 'amd64', archives });
  await writeFile(join(directory, 'payload.json'), JSON.stringify(manifest));
  return await openPayload(directory, { architecture: 'amd64' });
}

function makeStore(
  options: ConstructorParameters<typeof MemoryFiles>[0] = {},
): Store & { readonly files: MemoryFiles } {
  return { files: new MemoryFiles(options), prefix: '/opt/kata' };
}

/** Of payload alone. */
function payloadRelease({ manifest }: Payload): ReleaseManifest {
  const tree = choosePayload(manifest);
  return { schema: 1, id: payloadId(tree.version, tree.entries), ...tree };
}

async function install(store: Store, payload: Payload): Promise<WriteProgress & { readonly id: string }> {
  const release = payloadRelease(payload);
  const progress = await writeRelease(store, payload, await planRelease(store, release));
  return { id: release.id, ...progress };
}

test('a release is what its components hold, with a manifest', async () => {
  const store = makeStore();
  const payload = await makePayload('1.0.0', trees('5'));

  const { id, ...progress } = await install(store, payload);

  const { [`/opt/kata/releases/${id}/manifest.json`]: manifest, ...snapshot } = store.files.snapshot(
    `/opt/kata/releases/${id}`,
  );
  const at = (path: string): string => `/opt/kata/releases/${id}${path}`;
  expect(snapshot).toEqual({
    [at('')]: 'directory 755',
    [at('/VERSION')]: '644 1\n',
    [at('/bin')]: 'directory 755',
    [at('/bin/qemu')]: '755 a hypervisor',
    [at('/share')]: 'directory 755',
    [at('/share/defaults')]: 'directory 755',
    [at('/share/defaults/kata-containers')]: 'directory 755',
    [at(`/${configuration}`)]: '644 path = "qemu"\n',
    [at('/share/kata.img')]: `644 ${image}`,
    [at('/share/vmlinux-5')]: '644 kernel 5',
    [at('/share/vmlinux.container')]: 'link -> vmlinux-5',
  });
  expect(JSON.parse((manifest ?? '').replace(/^644 /, ''))).toEqual(payloadRelease(payload));
  expect(progress).toEqual({ filesLinked: 0, filesWritten: 5, bytesWritten: 300_000 + 8 + 12 + 14 + 2 });
  expect(await listReleases(store)).toEqual([id]);
  expect(await verifyRelease(store, id)).toEqual([]);
});

test('what did not change is shared with the release before, and its archives stay closed', async () => {
  const store = makeStore();
  await install(store, await makePayload('1.0.0', trees('5')));
  const payload = await makePayload('1.1.0', trees('6'));
  for (const component of ['qemu', 'image']) await rm(archiveOf(payload, component).path);

  const { id, ...progress } = await install(store, payload);

  // The kernel is new; the configuration, which an administrator may edit, is a copy.
  expect(progress).toEqual({ filesLinked: 3, filesWritten: 2, bytesWritten: 8 + 14 });
  expect(await verifyRelease(store, id)).toEqual([]);
  expect((await store.files.info(`/opt/kata/releases/${id}/share/kata.img`))?.linkCount).toBe(2);
  expect((await store.files.info(`/opt/kata/releases/${id}/${configuration}`))?.linkCount).toBe(1);
});

test('a file of the release before that was changed is unpacked instead', async () => {
  const store = makeStore();
  const before = await install(store, await makePayload('1.0.0', trees('5')));
  const old = `/opt/kata/releases/${before.id}` as const;
  await store.files.write(`${old}/bin/qemu`, Buffer.from('a hypervisoR'));
  await store.files.write(`${old}/${configuration}`, Buffer.from('path = "mine"\n'));

  const { id, filesLinked } = await install(store, await makePayload('1.1.0', trees('6')));

  expect(filesLinked).toBe(2);
  expect(await verifyRelease(store, id)).toEqual([]);
  expect((await verifyRelease(store, before.id)).map(({ path, problem }) => ({ path, problem }))).toEqual([
    { path: 'bin/qemu', problem: 'content' },
    { path: configuration, problem: 'content' },
  ]);
});

const rest = trees('5');

/** Breaks a payload after it was described; the manifest still says what should be there. */
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
    what: 'an archive is cut off',
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
    what: 'an archive was packed anew from the same files',
    break: async (payload) => {
      const packed = zstdCompressSync(await packLayer(rest['kernel'] ?? []));
      // An empty frame, which says nothing and is no part of what was packed.
      await writeFile(archiveOf(payload, 'kernel').path, Buffer.concat([packed, zstdCompressSync('')]));
    },
    error: {
      code: 'KATA_PAYLOAD_ARCHIVE_BROKEN',
      details: { component: 'kernel', file: 'kata-static-kernel.tar.zst' },
    },
  },
  {
    what: 'a byte of a file is another',
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
    what: 'a link leads elsewhere',
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
    what: 'an archive has one file more',
    break: async (payload) => {
      await replace(payload, 'kernel', [...(rest['kernel'] ?? []), text('bin/more', 'more')]);
    },
    error: { code: 'KATA_PAYLOAD_FILE_UNEXPECTED', details: { component: 'kernel', file: 'bin/more' } },
  },
];

async function replace(payload: Payload, component: string, entries: readonly LayerEntry[]): Promise<void> {
  await writeFile(archiveOf(payload, component).path, zstdCompressSync(await packLayer(entries)));
}

test.each(breakages)('when $what, nothing changes and the error names it', async (breakage) => {
  const store = makeStore({ files: { '/etc/hostname': 'node\n' } });
  const before = store.files.snapshot();
  const payload = await makePayload('1.0.0', rest);
  await breakage.break(payload);

  await expect(install(store, payload)).rejects.toMatchObject(breakage.error);

  expect(store.files.snapshot()).toEqual(before);
});

test('a run that was killed at any change leaves no release, and the next one completes', async () => {
  const payload = await makePayload('1.0.0', trees('5'));
  const upgrade = await makePayload('1.1.0', trees('6'));
  const wanted = makeStore();
  await install(wanted, payload);
  await install(wanted, upgrade);
  let changes = 0;
  for (let killedAt = 1; changes < killedAt; killedAt += 1) {
    let left = Infinity;
    const store = makeStore({
      beforeChange: () => {
        left -= 1;
        if (left < 0) throw new Error('killed');
      },
    });
    const { id } = await install(store, payload);
    const releasesBefore = store.files.snapshot(`/opt/kata/releases/${id}`);
    left = killedAt;
    const survived = await install(store, upgrade).then(
      () => true,
      () => false,
    );
    changes = survived ? killedAt : 0;
    left = Infinity;

    if (!survived) expect(await listReleases(store)).toEqual([id]);
    expect(store.files.snapshot(`/opt/kata/releases/${id}`)).toEqual(releasesBefore);
    await install(store, upgrade);
    expect(store.files.snapshot()).toEqual(wanted.files.snapshot());
    if (survived) break;
  }
});

test('a damaged release is exchanged for a sound one when that is asked for', async () => {
  const store = makeStore();
  const payload = await makePayload('1.0.0', trees('5'));
  const { id } = await install(store, payload);
  const sound = store.files.snapshot();
  await store.files.remove(`/opt/kata/releases/${id}/bin/qemu`);
  const plan = await planRelease(store, payloadRelease(payload));

  const left = await writeRelease(store, payload, plan);
  const damaged = await verifyRelease(store, id);
  await writeRelease(store, payload, plan, { replaces: true });

  expect(left).toEqual({ filesLinked: 0, filesWritten: 0, bytesWritten: 0 });
  expect(damaged).toEqual([
    { path: 'bin/qemu', component: 'qemu', problem: 'missing', found: 'nothing', expected: 'file' },
  ]);
  expect(store.files.snapshot()).toEqual(sound);
});

test('a release that does not fit is not begun', async () => {
  const store = makeStore({ freeBytes: 1_000_000 });
  const payload = await makePayload('1.0.0', trees('5'));

  await expect(install(store, payload)).rejects.toMatchObject({ code: 'KATA_STORE_SPACE' });

  expect(store.files.snapshot()).toEqual({});
});

test('a removed release is gone, and what killed runs left goes with removeLeftovers', async () => {
  const store = makeStore({
    files: {
      '/opt/kata/releases/1.0.0-00000000.new/bin/x': 'half',
      '/opt/kata/releases/1.0.0-00000001.removed/bin/x': 'half',
      '/opt/kata/releases/notes.new/todo': 'not ours',
    },
  });
  const { id } = await install(store, await makePayload('1.0.0', trees('5')));

  await removeRelease(store, id);
  const removed = await removeLeftovers(store);

  expect(removed).toEqual(['1.0.0-00000000.new', '1.0.0-00000001.removed']);
  expect(await store.files.list('/opt/kata/releases')).toEqual(['notes.new']);
  expect(await readManifest(store, id)).toBeUndefined();
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
    what: 'an archive elsewhere',
    change: (manifest) => ({
      ...manifest,
      components: manifest.components.map((component) => ({ ...component, archive: '../../etc/passwd' })),
    }),
    error: { code: 'KATA_PAYLOAD_MANIFEST' },
  },
  {
    what: 'a path that climbs',
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
