/** Writes a release into the store: under a temporary name, verified, and renamed when it is complete. */
import { posix } from 'node:path';
import { exitCodes, KataError, sha256 } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import type { Payload } from './payload-directory.ts';
import type { FileEntryOfRelease, ReleasePlan, ReusedFile } from './plan-release.ts';
import type { ReleaseEntry } from './payload-tree.ts';
import type { PlacedEntry } from './placed-entry.ts';
import {
  hostPath,
  manifestFile,
  manifestPath,
  releaseDirectory,
  releasesDirectory,
  type Store,
  unfinishedPath,
} from './store.ts';
import { preserveForeignFiles } from './preserve-foreign-files.ts';
import { Tally, type WriteProgress } from './write-progress.ts';
import { unpackComponent } from './unpack-component.ts';
import type { FileOfRun, FilesOfRun, VerifiedFiles } from './verified-files.ts';

export interface WrittenRelease extends WriteProgress {
  /** Files of the payload that match the manifest. */
  readonly verified: FilesOfRun;
}

export interface WriteReleaseOptions {
  /** At most a few times a second. */
  readonly onProgress?: (progress: WriteProgress) => void;
  /**
   * Replaces an existing release of this id, preserving foreign files. Otherwise an existing one is not changed.
   */
  readonly replaces?: boolean;
  /** Files of other releases that may be linked without reading them; left out: all are read. */
  readonly verified?: VerifiedFiles;
}

/** For directories, file ends and the manifest. */
export const spareBytes = 16 * 2 ** 20;

/** On failure, only the temporary directory was written, and it is removed again. */
export async function writeRelease(
  store: Store,
  payload: Payload,
  plan: ReleasePlan,
  options: WriteReleaseOptions = {},
): Promise<WrittenRelease> {
  const directory = releaseDirectory(store, plan.release.id);
  const exists = (await store.files.info(directory)) !== undefined;
  const tally = new Tally(options.onProgress);
  if (exists && options.replaces !== true) return { ...tally.end(), verified: new Map() };
  await checkSpace(store, plan);
  const foldersMade = await missingFolders(store);
  const unfinished = unfinishedPath(directory);
  let verified: FilesOfRun;
  try {
    await store.files.removeTree(unfinished);
    const writing = new Writing(store.files, payload, plan, unfinished, {
      tally,
      verified: options.verified,
    });
    await writing.run();
    verified = await writing.verifiedFiles(directory);
    if (exists) await preserveForeignFiles(store.files, knownPaths(plan), directory, unfinished);
    await store.files.syncTree(unfinished);
    if (exists) {
      await store.files.exchange(unfinished, directory);
      await store.files.removeTree(unfinished);
    } else {
      await store.files.rename(unfinished, directory);
    }
  } catch (error) {
    // The first error is the one to report; the next run removes what cannot be removed now.
    await clean(store, unfinished, foldersMade).catch(() => undefined);
    throw error;
  }
  return { ...tally.end(), verified };
}

function knownPaths({ release, contents }: ReleasePlan): ReadonlySet<string> {
  const { generated, placed, absent } = contents;
  const payload = release.entries.map((entry) => entry.path);
  return new Set([manifestFile, ...payload, ...generated.keys(), ...placed.keys(), ...absent]);
}

/** @throws KataError `KATA_STORE_SPACE` when the release does not fit. */
export async function checkSpace(store: Store, plan: ReleasePlan): Promise<void> {
  const free = await store.files.freeBytes(store.prefix);
  const needed = plan.bytesToWrite + spareBytes;
  if (free >= needed) return;
  throw new KataError(
    'KATA_STORE_SPACE',
    `release ${plan.release.id} needs ${megabytes(needed)} MB below ${store.prefix}, and only ${megabytes(free)} MB are free`,
    {
      exitCode: exitCodes.precondition,
      hint: 'free some space there, or remove old releases: kata-deploy releases prune',
    },
  );
}

const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);

/** Directories that will be created, from the innermost outwards. */
async function missingFolders(store: Store): Promise<readonly HostPath[]> {
  const missing: HostPath[] = [];
  let folder = releasesDirectory(store);
  while ((await store.files.info(folder)) === undefined) {
    missing.push(folder);
    folder = hostPath(folder, '..');
  }
  return missing;
}

async function clean(store: Store, unfinished: HostPath, folders: readonly HostPath[]): Promise<void> {
  await store.files.removeTree(unfinished);
  for (const folder of folders) await store.files.removeDirectory(folder);
}

class Writing {
  readonly #files: HostFiles;
  readonly #payload: Payload;
  readonly #plan: ReleasePlan;
  readonly #directory: HostPath;
  readonly #tally: Tally;
  readonly #verified: VerifiedFiles | undefined;
  /** Stamps of linked files, taken before they were read. */
  readonly #linked = new Map<string, string>();

  constructor(
    files: HostFiles,
    payload: Payload,
    plan: ReleasePlan,
    directory: HostPath,
    { tally, verified }: { readonly tally: Tally; readonly verified: VerifiedFiles | undefined },
  ) {
    this.#files = files;
    this.#payload = payload;
    this.#plan = plan;
    this.#directory = directory;
    this.#tally = tally;
    this.#verified = verified;
  }

  async run(): Promise<void> {
    const { release } = this.#plan;
    await this.#files.makeDirectory(this.#directory, 0o755);
    for (const entry of release.entries) await this.#makeFolder(entry);
    const unpack: FileEntryOfRelease[] = [...this.#plan.unpack];
    for (const reused of this.#plan.reuse) {
      if (!(await this.#reuse(reused))) unpack.push(reused.entry);
    }
    for (const component of new Set(unpack.map((entry) => entry.component))) {
      await this.#unpack(component, unpack);
    }
    for (const entry of release.entries) {
      if (entry.kind === 'link') await this.#files.setLink(this.#at(entry.path), entry.target);
    }
    await this.#writeContents();
    await this.#files.write(manifestPath(this.#directory), Buffer.from(`${JSON.stringify(release)}\n`), {
      mode: 0o644,
    });
  }

  /** By path in `directory`, their final place. Without files that were modified while they were linked. */
  async verifiedFiles(directory: HostPath): Promise<FilesOfRun> {
    const found = new Map<HostPath, FileOfRun>();
    for (const entry of this.#plan.release.entries) {
      if (entry.kind !== 'file') continue;
      const { path, sha256 } = entry;
      const content = (await this.#files.info(this.#at(path)))?.stamp.content;
      if (content === undefined || (this.#linked.get(path) ?? content) !== content) continue;
      found.set(hostPath(directory, path), { sha256, content });
    }
    return found;
  }

  async #writeContents(): Promise<void> {
    const { generated, placed } = this.#plan.contents;
    for (const [path, { text, mode }] of generated) {
      const content = Buffer.from(text);
      await this.#makeParent(path);
      await this.#files.writeStream(this.#at(path), [content], mode);
      this.#tally.wrote(content.length);
    }
    for (const [path, entry] of placed) {
      await this.#makeParent(path);
      await this.#place(this.#at(path), entry);
    }
  }

  async #makeParent(path: string): Promise<void> {
    await this.#files.makeDirectory(this.#at(posix.dirname(path)));
  }

  async #place(path: HostPath, entry: PlacedEntry): Promise<void> {
    if (entry.kind === 'link') return await this.#files.setLink(path, entry.target);
    const { mode, like } = entry;
    // Read again, because it may have been edited while the release was unpacked.
    const content = (await this.#files.read(like)) ?? entry.content;
    await this.#files.write(path, content, { mode, like });
    this.#tally.wrote(content.length);
  }

  #at(path: string): HostPath {
    return hostPath(this.#directory, path);
  }

  async #makeFolder(entry: ReleaseEntry): Promise<void> {
    if (entry.kind === 'directory') await this.#files.makeDirectory(this.#at(entry.path), entry.mode);
  }

  /** Returns false, without a change, when the file does not match the manifest. */
  async #reuse({ entry, from, how }: ReusedFile): Promise<boolean> {
    const info = await this.#files.info(from);
    const isPlausible =
      info?.kind === 'file' &&
      info.size === entry.size &&
      info.mode === entry.mode &&
      info.uid === 0 &&
      info.gid === 0;
    if (!isPlausible) return false;
    if (how === 'copy') return await this.#copy(entry, from);
    const isKnown = this.#verified?.has(info.stamp, entry.sha256) === true;
    if (!isKnown && (await this.#files.digest(from)) !== entry.sha256) return false;
    this.#linked.set(entry.path, info.stamp.content);
    await this.#files.hardLink(from, this.#at(entry.path));
    this.#tally.linked();
    return true;
  }

  async #copy(entry: FileEntryOfRelease, from: HostPath): Promise<boolean> {
    const content = await this.#files.read(from);
    if (content === undefined || sha256(content) !== entry.sha256) return false;
    await this.#files.writeStream(this.#at(entry.path), [content], entry.mode);
    this.#tally.wrote(entry.size);
    return true;
  }

  async #unpack(component: string, files: readonly FileEntryOfRelease[]): Promise<void> {
    await unpackComponent(this.#payload, component, {
      files: this.#files,
      directory: this.#directory,
      wanted: new Set(files.filter((entry) => entry.component === component).map((entry) => entry.path)),
      onFile: (entry) => {
        this.#tally.wrote(entry.size);
      },
    });
  }
}
