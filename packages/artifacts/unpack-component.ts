/** Unpacks some files of a component, and holds everything in its archive against the manifest on the way. */
import { createHash } from 'node:crypto';
import type { HostFiles, HostPath } from '@kata/host';
import { type ArchiveEntry, readArchive } from './archive.ts';
import { archiveOf, type Payload } from './payload-directory.ts';
import { payloadError, type PayloadProblem } from './payload-error.ts';
import type { FileEntry, PayloadEntry } from './payload.ts';
import { hostPath } from './store.ts';

export interface UnpackTarget {
  readonly files: HostFiles;
  /** The folder of the release; the folders in it are there. */
  readonly directory: HostPath;
  /** Paths of the files that are wanted. */
  readonly wanted: ReadonlySet<string>;
  readonly onFile?: (file: FileEntry) => void;
}

/** Without a target, nothing is written: the archive is checked. */
export async function unpackComponent(payload: Payload, name: string, target?: UnpackTarget): Promise<void> {
  const archive = archiveOf(payload, name);
  const entries = payload.manifest.components.find((component) => component.name === name)?.entries ?? [];
  const expected = new Map(entries.map((entry) => [entry.path, entry]));
  const missingPaths = new Set(expected.keys());
  for await (const found of readArchive(archive)) {
    missingPaths.delete(found.path);
    const entry = expected.get(found.path);
    if (entry === undefined) {
      throw problem(
        'KATA_PAYLOAD_FILE_UNEXPECTED',
        name,
        found.path,
        'is in its archive but not in the manifest',
      );
    }
    if (found.kind === 'hardLink') checkSame(name, entry, expected.get(found.target));
    await takeEntry(name, found, entry, target);
  }
  const [missing] = missingPaths;
  if (missing !== undefined) {
    throw problem('KATA_PAYLOAD_FILE_MISSING', name, missing, 'is not in its archive');
  }
}

/** A hard link has the content of what it is linked to. */
function checkSame(component: string, entry: PayloadEntry, target: PayloadEntry | undefined): void {
  const isSame =
    entry.kind === 'file' &&
    target?.kind === 'file' &&
    entry.sha256 === target.sha256 &&
    entry.mode === target.mode;
  if (isSame) return;
  throw problem('KATA_PAYLOAD_FILE_CHANGED', component, entry.path, 'is a hard link to another file');
}

async function takeEntry(
  component: string,
  found: ArchiveEntry,
  entry: PayloadEntry,
  target: UnpackTarget | undefined,
): Promise<void> {
  const changed = (what: string): Error => problem('KATA_PAYLOAD_FILE_CHANGED', component, entry.path, what);
  switch (found.kind) {
    case 'file': {
      if (entry.kind !== 'file') throw changed(`is a file and should be a ${entry.kind}`);
      if (found.mode !== entry.mode)
        throw changed(`has mode ${octal(found.mode)} instead of ${octal(entry.mode)}`);
      if (found.size !== entry.size) throw changed(`has ${found.size} instead of ${entry.size} bytes`);
      const sha256 = await takeContent(found.content, entry, target);
      if (sha256 !== entry.sha256) throw changed(`has the digest ${sha256} instead of ${entry.sha256}`);
      return;
    }
    case 'hardLink':
      if (entry.kind !== 'file') throw changed(`is a file and should be a ${entry.kind}`);
      if (target?.wanted.has(entry.path) !== true) return;
      await target.files.hardLink(
        hostPath(target.directory, found.target),
        hostPath(target.directory, entry.path),
      );
      target.onFile?.({ ...entry, size: 0 });
      return;
    case 'link':
      if (entry.kind !== 'link') throw changed(`is a link and should be a ${entry.kind}`);
      if (found.target !== entry.target) throw changed(`leads to ${found.target} instead of ${entry.target}`);
      return;
    case 'directory':
      if (entry.kind !== 'directory') throw changed(`is a directory and should be a ${entry.kind}`);
  }
}

/** Returns the digest of what came. */
async function takeContent(
  content: AsyncIterable<Uint8Array>,
  entry: FileEntry,
  target: UnpackTarget | undefined,
): Promise<string> {
  if (target?.wanted.has(entry.path) === true) {
    const path = hostPath(target.directory, entry.path);
    const { sha256 } = await target.files.writeStream(path, content, entry.mode);
    target.onFile?.(entry);
    return sha256;
  }
  const hash = createHash('sha256');
  for await (const chunk of content) hash.update(chunk);
  return hash.digest('hex');
}

function problem(code: PayloadProblem, component: string, file: string, what: string): Error {
  return payloadError(code, `component ${component}: ${file} ${what}`, { component, file });
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
