/** Decides for each file of a release whether an existing release has it or it must be unpacked. */
import { KataError } from '@kata/core';
import type { FileStamp, HostPath } from '@kata/host';
import type { FileEntry } from './payload.ts';
import type { PlacedEntries } from './placed-entry.ts';
import type { ReleaseEntry } from './payload-tree.ts';
import type { GeneratedFiles, ReleaseManifest } from './release.ts';
import { soundStamp } from './sound-file.ts';
import {
  encodeManifest,
  hostPath,
  listReleases,
  readManifest,
  releaseDirectory,
  type Store,
} from './store.ts';
import type { VerifiedFiles } from './verified-files.ts';

export type FileEntryOfRelease = FileEntry & { readonly component: string };

export interface ReusedFile {
  readonly entry: FileEntryOfRelease;
  readonly from: HostPath;
  /** `copy` for files that an administrator may edit in place: an edit must not reach two releases. */
  readonly how: 'link' | 'copy';
  /** Of a file to link, as it was when it was found sound; undefined: not checked yet. */
  readonly stamp?: FileStamp | undefined;
}

export interface FilesPlan {
  /** Unpacked instead if their content does not match the manifest. */
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

export interface PlanFilesOptions {
  /** A release that will be in the store by the time this one is written. */
  readonly coming?: ReleaseManifest | undefined;
  /** Checks which files of the store can be linked; left out: they are taken for sound. */
  readonly check?:
    | {
        /** Files that need not be read; undefined: all are read. */
        readonly verified: VerifiedFiles | undefined;
      }
    | undefined;
}

export async function planRelease(
  store: Store,
  release: ReleaseManifest,
  contents: ReleaseContents = noContents,
  options: PlanFilesOptions = {},
): Promise<ReleasePlan> {
  const plan = await planFiles(store, release.entries, options);
  const generated = [...contents.generated.values()].map(({ text }) => Buffer.byteLength(text));
  const placed = [...contents.placed.values()].map((entry) =>
    entry.kind === 'file' ? entry.content.length : 0,
  );
  const exists = (await listReleases(store)).includes(release.id);
  const others = [...generated, ...placed, encodeManifest(release).length];
  const bytesToWrite = others.reduce((sum, size) => sum + size, plan.bytesToWrite);
  return { ...plan, bytesToWrite, release, contents, exists };
}

/** For the payload only. */
export async function planFiles(
  store: Store,
  entries: readonly ReleaseEntry[],
  { coming, check }: PlanFilesOptions = {},
): Promise<FilesPlan> {
  const available = await findAvailable(store, coming);
  const comes = (path: HostPath): boolean =>
    coming !== undefined && path.startsWith(`${releaseDirectory(store, coming.id)}/`);
  const reuse: ReusedFile[] = [];
  const unpack: FileEntryOfRelease[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'file') continue;
    const from = available.get(contentKey(entry, entry.path)) ?? available.get(contentKey(entry));
    const how = mayBeEdited(entry.path) ? 'copy' : 'link';
    // Whether a file is copied or unpacked, its bytes are written.
    const isChecked = how === 'link' && from !== undefined && check !== undefined && !comes(from);
    const stamp = isChecked ? await soundStamp(store.files, from, entry, check.verified) : undefined;
    if (from === undefined || (isChecked && stamp === undefined)) unpack.push(entry);
    else reuse.push({ entry, from, how, stamp });
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
