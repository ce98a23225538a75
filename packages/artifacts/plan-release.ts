/** Decides for each file of a release whether it can be taken from a release that is there or must be unpacked. */
import type { HostPath } from '@kata/host';
import { KataError } from '@kata/core';
import type { FileEntry } from './payload.ts';
import type { ReleaseEntry, ReleaseManifest } from './release.ts';
import { hostPath, listReleases, readManifest, releaseDirectory, type Store } from './store.ts';

export type FileEntryOfRelease = FileEntry & { readonly component: string };

export interface ReusedFile {
  readonly entry: FileEntryOfRelease;
  readonly from: HostPath;
  /** `copy` where an administrator may edit the file in place: that must not reach two releases. */
  readonly how: 'link' | 'copy';
}

export interface ReleasePlan {
  readonly release: ReleaseManifest;
  /** There is a folder of this id already; whether it is sound, `verifyRelease` says. */
  readonly exists: boolean;
  /** Used only if their content turns out to be what their manifest says. */
  readonly reuse: readonly ReusedFile[];
  readonly unpack: readonly FileEntryOfRelease[];
  /** Whose archives are opened, unless a file to be reused turns out to be damaged. */
  readonly components: readonly string[];
  readonly bytesToWrite: number;
  readonly bytesToLink: number;
}

export async function planRelease(store: Store, release: ReleaseManifest): Promise<ReleasePlan> {
  const ids = await listReleases(store);
  const available = await findAvailable(store, ids);
  const reuse: ReusedFile[] = [];
  const unpack: FileEntryOfRelease[] = [];
  for (const entry of release.entries) {
    if (entry.kind !== 'file') continue;
    const from = available.get(contentKey(entry, entry.path)) ?? available.get(contentKey(entry));
    if (from === undefined) unpack.push(entry);
    else reuse.push({ entry, from, how: mayBeEdited(entry.path) ? 'copy' : 'link' });
  }
  const linked = reuse.filter(({ how }) => how === 'link').map(({ entry }) => entry);
  const copied = reuse.filter(({ how }) => how === 'copy').map(({ entry }) => entry);
  return {
    release,
    exists: ids.includes(release.id),
    reuse,
    unpack,
    components: [...new Set(unpack.map((entry) => entry.component))],
    bytesToWrite: sumSizes([...unpack, ...copied]),
    bytesToLink: sumSizes(linked),
  };
}

/** Where the content of files is, by content and, preferred, by content and path. */
async function findAvailable(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, HostPath>> {
  const found = new Map<string, HostPath>();
  for (const id of ids) {
    const directory = releaseDirectory(store, id);
    for (const entry of await usableEntries(store, id)) {
      if (entry.kind !== 'file') continue;
      const path = hostPath(directory, entry.path);
      found.set(contentKey(entry), path);
      found.set(contentKey(entry, entry.path), path);
    }
  }
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
