/** A layer of an image as a tar archive: the same entries give the same bytes, whenever and wherever. */
import { pack } from 'tar-stream';

export type LayerEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode?: number }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly content: Uint8Array;
      readonly mode?: number;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

const epoch = new Date(0);

/** Paths are relative to the image's root; parents come before what they hold. */
export async function packLayer(entries: readonly LayerEntry[]): Promise<Buffer> {
  const archive = pack();
  const owner = { uid: 0, gid: 0, mtime: epoch };
  for (const entry of entries) {
    switch (entry.kind) {
      case 'directory':
        archive.entry({ ...owner, name: `${entry.path}/`, type: 'directory', mode: entry.mode ?? 0o755 });
        break;
      case 'file':
        archive.entry(
          { ...owner, name: entry.path, type: 'file', mode: entry.mode ?? 0o644 },
          Buffer.from(entry.content),
        );
        break;
      case 'link':
        archive.entry({
          ...owner,
          name: entry.path,
          type: 'symlink',
          linkname: entry.target,
          mode: 0o777,
        });
        break;
    }
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
