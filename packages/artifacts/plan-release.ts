/** Decides for each file of a release whether it can be taken from a release that is there or must be unpacked. */
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
  /** `copy` where an administrator may edit the file in place: that must not reach two releases. */
  readonly how: 'link' | 'copy';
}

export interface FilesPlan {
  /** Used only if their content turns out to be what their manifest says. */
  readonly reuse: readonly ReusedFile[];
  readonly unpack: readonly FileEntryOfRelease[];
  /** Whose archives are opened, unless a file to be reused turns out to be damaged. */
  readonly components: readonly string[];
  readonly bytesToWrite: number;
  readonly bytesToLink: number;
}

/** What stands in a release beside its payload. */
export interface ReleaseContents {
  readonly generated: GeneratedFiles;
  /** Of administrators, and of handlers that are retained: no part of the manifest. By path in the release. */
  readonly placed: PlacedEntries;
  /** Paths where only we would put something, and do not. */
  readonly absent: readonly string[];
}

export interface ReleasePlan extends FilesPlan {
  readonly release: ReleaseManifest;
  readonly contents: ReleaseContents;
  /** There is a folder of this id already; whether it is sound, `verifyRelease` says. */
  readonly exists: boolean;
}

export const noContents: ReleaseContents = { generated: new Map(), placed: new Map(), absent: [] };

/** `coming`: a release that will be in the store when this one is written. */
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

/** Of payload alone. */
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

/** Where the content of files is, by content and, preferred, by content and path. */
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

/** A release whose manifest is damaged lends nothing; that it is damaged is for whoever verifies it to say. */
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
