/** Reads text files of a payload and verifies their digests: from an existing release if it has them, else from the archives. */
import { sha256 } from '@kata/core';
import { readArchive } from './archive.ts';
import { archiveOf, type Payload } from './payload-directory.ts';
import { payloadError } from './payload-error.ts';
import type { PayloadTree } from './payload-tree.ts';
import { type FileEntryOfRelease, planFiles } from './plan-release.ts';
import type { Store } from './store.ts';

/** Texts by path, for those paths that are files of the tree. @throws KataError `KATA_PAYLOAD_FILE_CHANGED` */
export async function readPayloadTexts(
  store: Store,
  payload: Payload,
  tree: PayloadTree,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const wanted = new Set(paths);
  const { reuse, unpack } = await planFiles(
    store,
    tree.entries.filter(({ path }) => wanted.has(path)),
  );
  const texts = new Map<string, string>();
  const missing = new Map(unpack.map((entry) => [entry.path, entry]));
  for (const { entry, from } of reuse) {
    const content = await store.files.read(from);
    if (content !== undefined && isSound(content, entry)) texts.set(entry.path, content.toString('utf8'));
    else missing.set(entry.path, entry);
  }
  for (const component of new Set([...missing.values()].map((entry) => entry.component))) {
    readFromArchive(payload, component, missing, texts);
  }
  return texts;
}

/** Moves what it finds from `missing` to `texts`. */
function readFromArchive(
  payload: Payload,
  component: string,
  missing: Map<string, FileEntryOfRelease>,
  texts: Map<string, string>,
): void {
  for (const found of readArchive(archiveOf(payload, component))) {
    const entry = missing.get(found.path);
    if (found.kind !== 'file' || entry?.component !== component) continue;
    const content = readContent(found.content);
    if (!isSound(content, entry)) throw changed(entry);
    texts.set(entry.path, content.toString('utf8'));
    missing.delete(entry.path);
    // Each text has its own digest, so the rest of the archive, most of its bytes, need not be read.
    if (![...missing.values()].some((other) => other.component === component)) return;
  }
}

function readContent(content: Iterable<Uint8Array>): Buffer {
  return Buffer.concat(Array.from(content, (piece) => Buffer.from(piece)));
}

function isSound(content: Uint8Array, entry: FileEntryOfRelease): boolean {
  return sha256(content) === entry.sha256;
}

function changed({ component, path }: FileEntryOfRelease): Error {
  return payloadError(
    'KATA_PAYLOAD_FILE_CHANGED',
    `component ${component}: ${path} differs from the manifest of the payload`,
    { component, file: path },
  );
}
