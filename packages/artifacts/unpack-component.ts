/** Unpacks files of a component, and compares its whole archive with the manifest. */
import { createHash } from 'node:crypto';
import { EventLoopYield } from '@kata/core';
import type { FileStamp, HostFiles, HostPath } from '@kata/host';
import { type ArchiveEntry, readArchive } from './archive.ts';
import { archiveOf, type Payload } from './payload-directory.ts';
import { payloadError, type PayloadProblem } from './payload-error.ts';
import type { FileEntry, PayloadComponent, PayloadEntry } from './payload.ts';
import { hostPath } from './store.ts';

export interface UnpackTarget {
  readonly files: HostFiles;
  /** Directory of the release, with all its subdirectories. */
  readonly directory: HostPath;
  /** Paths of the files to unpack. */
  readonly wanted: ReadonlySet<string>;
  /** `stamp`: of a file that was written, not linked. */
  readonly onFile?: (file: FileEntry, stamp?: FileStamp) => void;
}

/**
 * Compares the digest of the archive, which costs half as much as digests of all files; when it differs, compares the
 * files to name the changed one.
 */
export async function unpackComponent(payload: Payload, name: string, target: UnpackTarget): Promise<void> {
  const seen = await takeAll(
    payload,
    name,
    async (entry, content) => {
      if (!target.wanted.has(entry.path)) return;
      const path = hostPath(target.directory, entry.path);
      target.onFile?.(entry, await target.files.writeStream(path, content, entry.mode));
    },
    target,
  );
  const { archive, archivePiecesSha256 } = componentOf(payload, name);
  if (seen === archivePiecesSha256) return;
  await takeAll(payload, name, async (entry, content) => {
    const hash = createHash('sha256');
    for (const piece of content) hash.update(piece);
    const sha256 = hash.digest('hex');
    if (sha256 !== entry.sha256)
      throw changed(name, entry, `has the digest ${sha256} instead of ${entry.sha256}`);
  });
  throw payloadError(
    'KATA_PAYLOAD_ARCHIVE_BROKEN',
    `component ${name}: its archive ${archive} has the digest ${seen} instead of ${archivePiecesSha256}`,
    { component: name, file: archive },
  );
}

type TakeContent = (entry: FileEntry, content: Iterable<Uint8Array>) => Promise<void>;

/** Compares everything but the content of files with the manifest. Returns the digest of the archive. */
async function takeAll(
  payload: Payload,
  name: string,
  takeContent: TakeContent,
  target?: UnpackTarget,
): Promise<string> {
  const expected = new Map(componentOf(payload, name).entries.map((entry) => [entry.path, entry]));
  const missingPaths = new Set(expected.keys());
  const reading = readArchive(archiveOf(payload, name));
  const eventLoop = new EventLoopYield();
  try {
    let next = reading.next();
    for (; next.done !== true; next = reading.next()) {
      await eventLoop.yieldIfDue();
      const found = next.value;
      missingPaths.delete(found.path);
      const entry = expected.get(found.path);
      if (entry === undefined) {
        const what = 'is in its archive but not in the manifest';
        throw problem('KATA_PAYLOAD_FILE_UNEXPECTED', name, found.path, what);
      }
      if (found.kind === 'hardLink') checkSame(name, entry, expected.get(found.target));
      await takeEntry(name, found, entry, takeContent, target);
    }
    const [missing] = missingPaths;
    if (missing === undefined) return next.value.piecesSha256;
    throw problem('KATA_PAYLOAD_FILE_MISSING', name, missing, 'is not in its archive');
  } finally {
    reading.return({ size: 0, piecesSha256: '' });
  }
}

function componentOf({ manifest }: Payload, name: string): PayloadComponent {
  const found = manifest.components.find((component) => component.name === name);
  if (found !== undefined) return found;
  throw payloadError('KATA_PAYLOAD_COMPONENT_UNKNOWN', `the payload has no component ${name}`, {
    component: name,
  });
}

/** A hard link must have the content of its target. */
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
  takeContent: TakeContent,
  target: UnpackTarget | undefined,
): Promise<void> {
  switch (found.kind) {
    case 'file':
      if (entry.kind !== 'file') throw changed(component, entry, `is a file and should be a ${entry.kind}`);
      if (found.mode !== entry.mode)
        throw changed(component, entry, `has mode ${octal(found.mode)} instead of ${octal(entry.mode)}`);
      if (found.size !== entry.size)
        throw changed(component, entry, `has ${found.size} bytes instead of ${entry.size}`);
      await takeContent(entry, found.content);
      return;
    case 'hardLink':
      if (entry.kind !== 'file') throw changed(component, entry, `is a file and should be a ${entry.kind}`);
      if (target?.wanted.has(entry.path) !== true) return;
      await target.files.hardLink(
        hostPath(target.directory, found.target),
        hostPath(target.directory, entry.path),
      );
      target.onFile?.({ ...entry, size: 0 });
      return;
    case 'link':
      if (entry.kind !== 'link') throw changed(component, entry, `is a link and should be a ${entry.kind}`);
      if (found.target !== entry.target)
        throw changed(component, entry, `points to ${found.target} instead of ${entry.target}`);
      return;
    case 'directory':
      if (entry.kind !== 'directory')
        throw changed(component, entry, `is a directory and should be a ${entry.kind}`);
  }
}

function changed(component: string, { path }: PayloadEntry, what: string): Error {
  return problem('KATA_PAYLOAD_FILE_CHANGED', component, path, what);
}

function problem(code: PayloadProblem, component: string, file: string, what: string): Error {
  return payloadError(code, `component ${component}: ${file} ${what}`, { component, file });
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
