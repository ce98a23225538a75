/** Creates the manifest of component archives, reading each once. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { type Archive, type ArchiveEntry, readArchive } from './archive.ts';
import { compareText } from './compare-text.ts';
import { payloadError } from './payload-error.ts';
import type { FileEntry, PayloadComponent, PayloadEntry, PayloadManifest } from './payload.ts';
import { choosePayload } from './payload-tree.ts';

export interface DescribeOptions {
  readonly version: string;
  /** Go's name. */
  readonly architecture: string;
  readonly archives: readonly Archive[];
  /** Called before each archive. */
  readonly onArchive?: (archive: Archive) => void;
}

export function describePayload(options: DescribeOptions): PayloadManifest {
  const components: PayloadComponent[] = [];
  for (const archive of options.archives.toSorted((a, b) => compareText(a.component, b.component))) {
    options.onArchive?.(archive);
    components.push(describeComponent(archive));
  }
  const { version, architecture } = options;
  const manifest: PayloadManifest = { schema: 1, version, architecture, components };
  // Fails now, and not on a node, for components that conflict in one release.
  choosePayload(manifest);
  return manifest;
}

function describeComponent(archive: Archive): PayloadComponent {
  const entries = new Map<string, PayloadEntry>();
  const reading = readArchive(archive);
  for (;;) {
    const next = reading.next();
    if (next.done === true) {
      if (entries.size === 0) throw emptyArchive(archive);
      return {
        name: archive.component,
        archive: basename(archive.path),
        archiveSize: next.value.size,
        archivePiecesSha256: next.value.piecesSha256,
        entries: [...entries.values()].toSorted((a, b) => compareText(a.path, b.path)),
      };
    }
    entries.set(next.value.path, describeEntry(next.value, entries));
  }
}

function describeEntry(entry: ArchiveEntry, before: ReadonlyMap<string, PayloadEntry>): PayloadEntry {
  switch (entry.kind) {
    case 'file': {
      const { path, mode, size } = entry;
      const hash = createHash('sha256');
      for (const chunk of entry.content) hash.update(chunk);
      return { kind: 'file', path, mode, size, sha256: hash.digest('hex') };
    }
    case 'hardLink':
      return { ...(before.get(entry.target) as FileEntry), path: entry.path };
    case 'link':
    case 'directory':
      return entry;
  }
}

function emptyArchive(archive: Archive): Error {
  return payloadError(
    'KATA_PAYLOAD_ARCHIVE_BROKEN',
    `component ${archive.component}: its archive ${archive.path} has no entries below opt/kata`,
    { component: archive.component, file: archive.path },
  );
}
