/** Streams the entries of a component archive, and refuses those that are not safe to install. */
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
      /** Must be read before the next entry; unread content is skipped. Each piece is valid until the next one is requested. */
      readonly content: Iterable<Uint8Array>;
    }
  /** The same file as an earlier entry. */
  | { readonly kind: 'hardLink'; readonly path: string; readonly target: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number };

/** Returns size and digest of the archive after its last entry. */
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

/** Readers of the content get an error that names the archive. */
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
      : `component ${archive.component}: its archive ${archive.path} is damaged or truncated`,
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
  if (seen.has(path)) throw refuse(archive, path, 'it occurs twice in the archive');
  const entry = makeEntry(archive, path, member, content);
  if (entry.kind === 'hardLink' && !['file', 'hardLink'].includes(seen.get(entry.target) ?? '')) {
    throw refuse(
      archive,
      path,
      `it is a hard link to ${entry.target}, which is not an earlier file of the archive`,
    );
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
    throw refuse(archive, path, `it is a link out of the installation (${linkName})`);
  }
  if (type === 'Link') {
    const target = installedPath(linkName);
    if (target.kind === 'inside') return { kind: 'hardLink', path, target: target.path };
    throw refuse(archive, path, `it is a hard link out of the installation (${linkName})`);
  }
  if (type !== 'File' && type !== 'OldFile') {
    throw refuse(archive, path, `it is not a file, link or directory (${inWords(type)})`);
  }
  if (isSparse) throw refuse(archive, path, 'it is a sparse file');
  return { kind: 'file', path, mode: fileMode(path, mode), size, content };
}

/** `CharacterDevice` becomes `character-device`. */
function inWords(type: string): string {
  return type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

/** Programs are executable by everybody, as with upstream's installer; no setuid, not writable by others. */
function fileMode(path: string, mode = 0o644): number {
  return /^(runtime-rs\/)?bin\/[^/]+$/.test(path) ? 0o755 : mode & 0o775;
}

/** Always with all permissions of the owner, root; not writable by others. */
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
