/** Decides for each file of a release whether an existing release has it or it must be unpacked. */
import type { HostPath } from '@kata/host';
import { KataError } from '@kata/core';
import type { FileEntry } from './payload.ts';
import type { PlacedEntries } from './placed-entry.ts';
import type { ReleaseEntry } from './payload-tree.ts';
import type { GeneratedFiles, ReleaseManifest } from './release.ts';
import { hostPath, listReleases, readManifest, releaseDirectory, type Store } from './store.ts';

export type FileEntryOfRelease = FileEntry & { readonly component: string };

export interface ReusedFile {
  readonly entry: FileEntryOfRelease;
  readonly from: HostPath;
  /** `copy` for files that an administrator may edit in place: an edit must not reach two releases. */
  readonly how: 'link' | 'copy';
}

export interface FilesPlan {
  /** Used only if their content matches the manifest. */
  readonly reuse: readonly ReusedFile[];
  readonly unpack: readonly FileEntryOfRelease[];
  /** Components whose archives are opened, plus those of damaged files in `reuse`. */
  readonly components: readonly string[];
  readonly bytesToWrite: number;
  readonly bytesToLink: number;
}

/** Files of a release in addition to its payload. */
export interface ReleaseContents {
  readonly generated: GeneratedFiles;
  /** Foreign files and files of retained handlers: not in the manifest. */
  readonly placed: PlacedEntries;
  /** Paths of our own that this release does not have: nothing there is preserved. */
  readonly absent: readonly string[];
}

export interface ReleasePlan extends FilesPlan {
  readonly release: ReleaseManifest;
  readonly contents: ReleaseContents;
  /** A directory with this id exists; `verifyRelease` tells whether it is intact. */
  readonly exists: boolean;
}

export const noContents: ReleaseContents = { generated: new Map(), placed: new Map(), absent: [] };

/** `coming`: a release that will be in the store by the time this one is written. */
export async function planRelease(
  store: Store,
  release: ReleaseManifest,
  contents: ReleaseContents = noContents,
  coming?: ReleaseManifest,
): Promise<ReleasePlan> {
  const plan = await planFiles(store, release.entries, coming);
  const generated = [...contents.generated.values()].map(({ text }) => Buffer.byteLength(text));
  const placed = [...contents.placed.values()].map((entry) =>
    entry.kind === 'file' ? entry.content.length : 0,
  );
  const exists = (await listReleases(store)).includes(release.id);
  const bytesToWrite = [...generated, ...placed].reduce((sum, size) => sum + size, plan.bytesToWrite);
  return { ...plan, bytesToWrite, release, contents, exists };
}

/** For the payload only. */
export async function planFiles(
  store: Store,
  entries: readonly ReleaseEntry[],
  coming?: ReleaseManifest,
): Promise<FilesPlan> {
  const available = await findAvailable(store, coming);
  const reuse: ReusedFile[] = [];
  const unpack: FileEntryOfRelease[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'file') continue;
    const from = available.get(contentKey(entry, entry.path)) ?? available.get(contentKey(entry));
    if (from === undefined) unpack.push(entry);
    else reuse.push({ entry, from, how: mayBeEdited(entry.path) ? 'copy' : 'link' });
  }
  const linked = reuse.filter(({ how }) => how === 'link').map(({ entry }) => entry);
  const copied = reuse.filter(({ how }) => how === 'copy').map(({ entry }) => entry);
  return {
    reuse,
    unpack,
    components: [...new Set(unpack.map((entry) => entry.component))],
    bytesToWrite: sumSizes([...unpack, ...copied]),
    bytesToLink: sumSizes(linked),
  };
}

/** Paths of existing files, by content and, preferred, by content and path. */
async function findAvailable(
  store: Store,
  coming: ReleaseManifest | undefined,
): Promise<ReadonlyMap<string, HostPath>> {
  const found = new Map<string, HostPath>();
  const add = (id: string, entries: readonly ReleaseEntry[]): void => {
    for (const entry of entries) {
      if (entry.kind !== 'file') continue;
      const path = hostPath(releaseDirectory(store, id), entry.path);
      found.set(contentKey(entry), path);
      found.set(contentKey(entry, entry.path), path);
    }
  };
  for (const id of await listReleases(store)) add(id, await usableEntries(store, id));
  if (coming !== undefined) add(coming.id, coming.entries);
  return found;
}

/** Empty for a release with a damaged manifest, which verification reports. */
async function usableEntries(store: Store, id: string): Promise<readonly ReleaseEntry[]> {
  try {
    return (await readManifest(store, id))?.entries ?? [];
  } catch (error) {
    if (error instanceof KataError && error.code === 'KATA_STORE_MANIFEST') return [];
    throw error;
  }
}

function contentKey(entry: FileEntry, path = ''): string {
  return `${entry.sha256}:${entry.size}:${entry.mode}:${path}`;
}

function mayBeEdited(path: string): boolean {
  return path.startsWith('share/defaults/');
}

function sumSizes(entries: readonly FileEntry[]): number {
  return entries.reduce((sum, entry) => sum + entry.size, 0);
}
