/** A layer of an image as a tar archive: the same entries give the same bytes, at any time and on any machine. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';

export type LayerEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode?: number }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly content: Uint8Array;
      readonly mode?: number;
    }
  /** A file whose content is that of the file `from` on this machine; it is never held in memory. */
  | { readonly kind: 'copy'; readonly path: string; readonly from: string; readonly mode?: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** Entries that are created one at a time need not be in memory together. */
export type LayerEntries = Iterable<LayerEntry> | AsyncIterable<LayerEntry>;

type MemberHeader = Partial<Header> & Pick<Header, 'name'>;

const epoch = new Date(0);
const owner = { uid: 0, gid: 0, mtime: epoch } as const;

/** Paths are relative to the image's root; directories come before their contents. */
export async function packLayer(entries: readonly LayerEntry[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamLayer(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The same bytes as `packLayer`, as they are made. */
export async function* streamLayer(entries: LayerEntries): AsyncGenerator<Uint8Array> {
  const archive = pack();
  const packing = packAll(archive, entries).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  for await (const chunk of archive) yield chunk as Uint8Array;
  await packing;
}

async function packAll(archive: Pack, entries: LayerEntries): Promise<void> {
  for await (const entry of entries) await packEntry(archive, entry);
  archive.finalize();
}

async function packEntry(archive: Pack, entry: LayerEntry): Promise<void> {
  switch (entry.kind) {
    case 'directory':
      await addEntry(archive, { name: `${entry.path}/`, type: 'directory', mode: entry.mode ?? 0o755 });
      return;
    case 'file':
      await addEntry(archive, { name: entry.path, type: 'file', mode: entry.mode ?? 0o644 }, entry.content);
      return;
    case 'copy': {
      const { size } = await stat(entry.from);
      const header = { ...owner, name: entry.path, type: 'file' as const, mode: entry.mode ?? 0o644, size };
      await pipeline(createReadStream(entry.from, { highWaterMark: 2 ** 20 }), archive.entry(header));
      return;
    }
    case 'link':
      await addEntry(archive, { name: entry.path, type: 'symlink', linkname: entry.target, mode: 0o777 });
  }
}

/** Resolves when there is room for the next one. */
async function addEntry(archive: Pack, header: MemberHeader, content?: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = (error?: Error | null): void => {
      if (error) reject(error);
      else resolve();
    };
    if (content === undefined) archive.entry({ ...owner, ...header }, done);
    else archive.entry({ ...owner, ...header }, Buffer.from(content), done);
  });
}
