/** Streams the entries of a component archive; whatever could leave the release or surprise is refused. */
import { pipeline } from 'node:stream/promises';
import { KataError } from '@kata/core';
import { type Extract, extract, type Header } from 'tar-stream';
import { type ArchiveBytes, ArchivePieces } from './archive-pieces.ts';
import { decompress } from './decompress.ts';
import { payloadError } from './payload-error.ts';
import { installedLinkTarget, installedPath } from './safe-path.ts';

export interface Archive {
  readonly component: string;
  readonly path: string;
}

export type ArchiveEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      /** To be read before the next entry; what is left is skipped. */
      readonly content: AsyncIterable<Uint8Array>;
    }
  /** The same file as one that came before. */
  | { readonly kind: 'hardLink'; readonly path: string; readonly target: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number };

/** Returns the size and digest of the archive itself once it was read to its end. */
export async function* readArchive(archive: Archive): AsyncGenerator<ArchiveEntry, ArchiveBytes> {
  const { members, finished } = openArchive(archive);
  const seen = new Map<string, ArchiveEntry['kind']>();
  try {
    for await (const member of members) {
      const entry = toEntry(archive, member.header, readContent(archive, member), seen);
      if (entry !== undefined) yield entry;
      member.resume();
    }
    return await finished;
  } catch (error) {
    if (error instanceof KataError) throw error;
    throw brokenArchive(archive, error);
  }
}

/** A reader that wraps errors of its own sees ours, which names the archive. */
async function* readContent(archive: Archive, member: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of member) yield chunk as Uint8Array;
  } catch (error) {
    throw brokenArchive(archive, error);
  }
}

interface OpenArchive {
  readonly members: Extract;
  readonly finished: Promise<ArchiveBytes>;
}

function openArchive(archive: Archive): OpenArchive {
  const pieces = new ArchivePieces(archive.path);
  const members = extract();
  const finished = pipeline(pieces.read(), decompress, members).then(async () => await pieces.digest());
  // The failure reaches the reader through the members; this one is awaited only at the end.
  finished.catch(() => undefined);
  return { members, finished };
}

function brokenArchive(archive: Archive, cause: unknown): KataError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  return payloadError(
    missing ? 'KATA_PAYLOAD_ARCHIVE_MISSING' : 'KATA_PAYLOAD_ARCHIVE_BROKEN',
    missing
      ? `component ${archive.component}: its archive ${archive.path} is missing`
      : `component ${archive.component}: its archive ${archive.path} cannot be read to its end`,
    { component: archive.component, file: archive.path, cause },
  );
}

function toEntry(
  archive: Archive,
  header: Header,
  content: AsyncIterable<Uint8Array>,
  seen: Map<string, ArchiveEntry['kind']>,
): ArchiveEntry | undefined {
  const place = installedPath(header.name);
  switch (place.kind) {
    case 'root':
    case 'outside':
      return undefined;
    case 'refused':
      throw refuse(archive, header.name, place.reason);
    case 'inside':
  }
  const { path } = place;
  if (seen.has(path)) throw refuse(archive, path, 'it is there twice');
  const entry = makeEntry(archive, path, header, content);
  if (entry.kind === 'hardLink' && !['file', 'hardLink'].includes(seen.get(entry.target) ?? '')) {
    throw refuse(archive, path, `it is a hard link to ${entry.target}, which is no file before it`);
  }
  seen.set(path, entry.kind);
  return entry;
}

function makeEntry(
  archive: Archive,
  path: string,
  header: Header,
  content: AsyncIterable<Uint8Array>,
): ArchiveEntry {
  const { type, linkname } = header;
  switch (type) {
    case 'file':
      if (isSparse(header)) throw refuse(archive, path, 'it is a sparse file');
      return { kind: 'file', path, mode: fileMode(path, header.mode), size: header.size ?? 0, content };
    case 'directory':
      return { kind: 'directory', path, mode: directoryMode(header.mode) };
    case 'symlink': {
      const target = installedLinkTarget(path, linkname ?? '');
      if (target !== undefined) return { kind: 'link', path, target };
      throw refuse(archive, path, `it is a link that leads out of the installation (${String(linkname)})`);
    }
    case 'link': {
      const target = installedPath(linkname ?? '');
      if (target.kind === 'inside') return { kind: 'hardLink', path, target: target.path };
      throw refuse(archive, path, `it is a hard link out of the installation (${String(linkname)})`);
    }
    case 'block-device':
    case 'character-device':
    case 'contiguous-file':
    case 'fifo':
  }
  throw refuse(archive, path, `it is neither file, link nor directory (${String(type)})`);
}

function isSparse(header: Header): boolean {
  const extended = 'pax' in header ? header.pax : undefined;
  if (typeof extended !== 'object' || extended === null) return false;
  return Object.keys(extended).some((key) => key.startsWith('GNU.sparse.'));
}

/** Programs can be run by everybody, as with upstream's installer; no setuid, and others may write nothing. */
function fileMode(path: string, mode = 0o644): number {
  return /^(runtime-rs\/)?bin\/[^/]+$/.test(path) ? 0o755 : mode & 0o775;
}

/** Everything below can be reached by root and listed by its owner, whatever the archive says. */
function directoryMode(mode = 0o755): number {
  return (mode & 0o775) | 0o700;
}

function refuse(archive: Archive, path: string, reason: string): KataError {
  return payloadError(
    'KATA_PAYLOAD_ENTRY_REFUSED',
    `component ${archive.component}: ${path} is refused: ${reason}`,
    { component: archive.component, file: path },
  );
}
