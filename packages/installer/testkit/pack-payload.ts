/** Packs a payload, as in the installer's image, from trees of files. */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import {
  archiveName,
  describePayload,
  openPayload,
  type Payload,
  payloadFile,
  type PayloadManifest,
} from '@kata/artifacts';
import { type LayerEntry, packLayer } from '@kata/oci';
import { beforeAll } from 'vitest';

export interface PayloadContents {
  readonly version: string;
  /** The files of each component. */
  readonly components: Readonly<Record<string, readonly LayerEntry[]>>;
  readonly shimInfo?: NonNullable<PayloadManifest['shimInfo']>;
}

export function kataFile(path: string, content: string, mode = 0o644): LayerEntry {
  return { kind: 'file', path: `./opt/kata/${path}`, content: Buffer.from(content), mode };
}

export async function packPayload(directory: string, contents: PayloadContents): Promise<Payload> {
  const { version, components, shimInfo } = contents;
  await mkdir(join(directory, 'tarballs'), { recursive: true });
  const archives = [];
  for (const [component, entries] of Object.entries(components)) {
    const path = join(directory, 'tarballs', archiveName(component));
    await pipeline(Readable.from([await packLayer(entries)]), createZstdCompress(), createWriteStream(path));
    archives.push({ component, path });
  }
  const described = describePayload({ version, architecture: 'amd64', archives });
  const manifest = shimInfo === undefined ? described : { ...described, shimInfo };
  await writeFile(join(directory, payloadFile), JSON.stringify(manifest));
  return await openPayload(directory);
}

/** Registers a folder that is created before the first test of the file and removed after the last one. */
export function useScratch(name: string): () => string {
  let path: string | undefined;
  beforeAll(async () => {
    const scratch = await mkdtempDisposable(join(tmpdir(), `${name}-`));
    path = scratch.path;
    return async () => {
      await scratch.remove();
    };
  });
  return () => {
    if (path === undefined) throw new TypeError(`there is no folder ${name} before the first test`);
    return path;
  };
}
