/** Streams the entries of a component archive; whatever could leave the release or surprise is refused. */
import { KataError } from '@kata/core';
import { type ArchiveBytes, ArchivePieces } from './archive-pieces.ts';
import { decompress } from './decompress.ts';
import { payloadError } from './payload-error.ts';
import { installedLinkTarget, installedPath } from './safe-path.ts';
import { readTar, type TarMember } from './tar-members.ts';

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
      /** To be read before the next entry; what is left is skipped. Each piece is valid until the next one is asked for. */
      readonly content: Iterable<Uint8Array>;
    }
  /** The same file as one that came before. */
  | { readonly kind: 'hardLink'; readonly path: string; readonly target: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number };

/** Returns the size and digest of the archive itself once it was read to its end. */
export function* readArchive(archive: Archive): Generator<ArchiveEntry, ArchiveBytes> {
  const pieces = new ArchivePieces(archive.path);
  const seen = new Map<string, ArchiveEntry['kind']>();
  try {
    for (const member of readTar(decompress(pieces.read()))) {
      const entry = toEntry(archive, member, readContent(archive, member), seen);
      if (entry !== undefined) yield entry;
    }
    return pieces.digest();
  } catch (error) {
    if (error instanceof KataError) throw error;
    throw brokenArchive(archive, error);
  }
}

/** A reader that wraps errors of its own sees ours, which names the archive. */
function* readContent(archive: Archive, { content }: TarMember): Generator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    throw brokenArchive(archive, error);
  }
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
  member: TarMember,
  content: Iterable<Uint8Array>,
  seen: Map<string, ArchiveEntry['kind']>,
): ArchiveEntry | undefined {
  const place = installedPath(member.name);
  switch (place.kind) {
    case 'root':
    case 'outside':
      return undefined;
    case 'refused':
      throw refuse(archive, member.name, place.reason);
    case 'inside':
  }
  const { path } = place;
  if (seen.has(path)) throw refuse(archive, path, 'it is there twice');
  const entry = makeEntry(archive, path, member, content);
  if (entry.kind === 'hardLink' && !['file', 'hardLink'].includes(seen.get(entry.target) ?? '')) {
    throw refuse(archive, path, `it is a hard link to ${entry.target}, which is no file before it`);
  }
  seen.set(path, entry.kind);
  return entry;
}

function makeEntry(
  archive: Archive,
  path: string,
  { type, mode, size, linkName, isSparse }: TarMember,
  content: Iterable<Uint8Array>,
): ArchiveEntry {
  if (type === 'Directory') return { kind: 'directory', path, mode: directoryMode(mode) };
  if (type === 'SymbolicLink') {
    const target = installedLinkTarget(path, linkName);
    if (target !== undefined) return { kind: 'link', path, target };
    throw refuse(archive, path, `it is a link that leads out of the installation (${linkName})`);
  }
  if (type === 'Link') {
    const target = installedPath(linkName);
    if (target.kind === 'inside') return { kind: 'hardLink', path, target: target.path };
    throw refuse(archive, path, `it is a hard link out of the installation (${linkName})`);
  }
  if (type !== 'File' && type !== 'OldFile') {
    throw refuse(archive, path, `it is neither file, link nor directory (${inWords(type)})`);
  }
  if (isSparse) throw refuse(archive, path, 'it is a sparse file');
  return { kind: 'file', path, mode: fileMode(path, mode), size, content };
}

/** `CharacterDevice` becomes `character-device`. */
function inWords(type: string): string {
  return type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
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
