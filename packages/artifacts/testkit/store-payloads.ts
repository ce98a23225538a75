/** For tests: payloads in a temporary directory, and in-memory stores. */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { MemoryFiles } from '@kata/host/memory';
import { type LayerEntry, streamLayer } from '@kata/oci';
import { beforeAll } from 'vitest';
import { describePayload } from '../manifest.ts';
import { openPayload, type Payload } from '../payload-directory.ts';
import { archiveName } from '../payload.ts';
import { planRelease } from '../plan-release.ts';
import { choosePayload } from '../payload-tree.ts';
import { payloadId, type ReleaseManifest } from '../release.ts';
import { type Store } from '../store.ts';
import type { WriteProgress } from '../write-progress.ts';
import { writeRelease } from '../write-release.ts';

type Trees = Readonly<Record<string, readonly LayerEntry[]>>;

export const text = (path: string, content: string, mode = 0o644): LayerEntry => ({
  kind: 'file',
  path: `./opt/kata/${path}`,
  content: Buffer.from(content),
  mode,
});

export const configuration = 'share/defaults/kata-containers/configuration-qemu.toml';
export const image = Buffer.alloc(300_000, 'an image ').toString();

export function trees(kernel: string): Trees {
  return {
    kernel: [
      text(`share/vmlinux-${kernel}`, `kernel ${kernel}`),
      { kind: 'link', path: './opt/kata/share/vmlinux.container', target: `vmlinux-${kernel}` },
    ],
    qemu: [text('bin/qemu', 'a hypervisor', 0o755), text(configuration, 'path = "qemu"\n')],
    image: [text('share/kata.img', image), text('VERSION', '1\n')],
  };
}

/** Registers a temporary directory for the tests of a file, and returns a function that packs a payload there. */
export function useMakePayload(): (version: string, components: Trees) => Promise<Payload> {
  let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
  let count = 0;
  beforeAll(async () => {
    scratch = await mkdtempDisposable(join(tmpdir(), 'store-test-'));
    return async () => {
      await scratch.remove();
    };
  });
  return async (version, components) => {
    count += 1;
    return await makePayload(join(scratch.path, String(count)), version, components);
  };
}

async function makePayload(directory: string, version: string, components: Trees): Promise<Payload> {
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

export function makeStore(
  options: ConstructorParameters<typeof MemoryFiles>[0] = {},
): Store & { readonly files: MemoryFiles } {
  return { files: new MemoryFiles(options), prefix: '/opt/kata' };
}

/** Of the payload only. */
export function payloadRelease({ manifest }: Payload): ReleaseManifest {
  const tree = choosePayload(manifest);
  return { schema: 1, id: payloadId(tree.version, tree.entries), ...tree };
}

export async function install(
  store: Store,
  payload: Payload,
): Promise<WriteProgress & { readonly id: string }> {
  const release = payloadRelease(payload);
  const progress = await writeRelease(store, payload, await planRelease(store, release));
  return { id: release.id, ...progress };
}
