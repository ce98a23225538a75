/** Writes a release into the store: under a temporary name, verified, and renamed when it is complete. */
import { posix } from 'node:path';
import { sha256 } from '@kata/core';
import type { FileStamp, HostFiles, HostPath } from '@kata/host';
import type { Payload } from './payload-directory.ts';
import type { FileEntryOfRelease, ReleasePlan, ReusedFile } from './plan-release.ts';
import type { ReleaseEntry } from './payload-tree.ts';
import type { PlacedEntry } from './placed-entry.ts';
import {
  encodeManifest,
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
import { soundStamp } from './sound-file.ts';
import { unpackComponent } from './unpack-component.ts';
import { FilesOfRun, isSameStamp } from './files-of-run.ts';

export interface WriteReleaseOptions {
  /** At most a few times a second. */
  readonly onProgress?: (progress: WriteProgress) => void;
  /**
   * Replaces an existing release of this id, preserving foreign files. Otherwise an existing one is not changed.
   */
  readonly replaces?: boolean;
  /** Gets what is written. */
  readonly filesOfRun?: FilesOfRun;
}

/** For directories and the ends of files, and for what an installation writes next to its releases. */
export const spareBytes = 16 * 2 ** 20;

/** The caller checks the space. On failure, only the temporary directory was written, and it is removed again. */
export async function writeRelease(
  store: Store,
  payload: Payload,
  plan: ReleasePlan,
  options: WriteReleaseOptions = {},
): Promise<WriteProgress> {
  const directory = releaseDirectory(store, plan.release.id);
  const exists = (await store.files.info(directory)) !== undefined;
  const tally = new Tally(options.onProgress);
  if (exists && options.replaces !== true) return tally.end();
  const foldersMade = await missingFolders(store);
  const unfinished = unfinishedPath(directory);
  const { filesOfRun = new FilesOfRun(store.files) } = options;
  try {
    await store.files.removeTree(unfinished);
    const context = { tally, filesOfRun, finalDirectory: directory };
    await new Writing(store.files, payload, plan, unfinished, context).run();
    if (exists) await preserveForeignFiles(store.files, knownPaths(plan), directory, unfinished);
    await store.files.syncTree(unfinished);
    if (exists) {
      await store.files.exchange(unfinished, directory);
      await filesOfRun.whileUnlinking(async () => await store.files.removeTree(unfinished));
    } else {
      await store.files.rename(unfinished, directory);
    }
  } catch (error) {
    // The first error is the one to report; the next run removes what cannot be removed now.
    await clean(store, unfinished, foldersMade).catch(() => undefined);
    throw error;
  }
  return tally.end();
}

function knownPaths({ release, contents }: ReleasePlan): ReadonlySet<string> {
  const { generated, placed, absent } = contents;
  const payload = release.entries.map((entry) => entry.path);
  return new Set([manifestFile, ...payload, ...generated.keys(), ...placed.keys(), ...absent]);
}

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

interface WritingContext {
  readonly tally: Tally;
  readonly filesOfRun: FilesOfRun;
  readonly finalDirectory: HostPath;
}

class Writing {
  readonly #files: HostFiles;
  readonly #payload: Payload;
  readonly #plan: ReleasePlan;
  readonly #directory: HostPath;
  readonly #context: WritingContext;

  constructor(
    files: HostFiles,
    payload: Payload,
    plan: ReleasePlan,
    directory: HostPath,
    context: WritingContext,
  ) {
    this.#files = files;
    this.#payload = payload;
    this.#plan = plan;
    this.#directory = directory;
    this.#context = context;
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
    const manifest = encodeManifest(release);
    await this.#files.write(manifestPath(this.#directory), manifest, { mode: 0o644 });
    this.#context.tally.wrote(manifest.length);
  }

  async #writeContents(): Promise<void> {
    const { generated, placed } = this.#plan.contents;
    for (const [path, { text, mode }] of generated) {
      const content = Buffer.from(text);
      await this.#makeParent(path);
      await this.#files.writeStream(this.#at(path), [content], mode);
      this.#context.tally.wrote(content.length);
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
    this.#context.tally.wrote(content.length);
  }

  #at(path: string): HostPath {
    return hostPath(this.#directory, path);
  }

  async #makeFolder(entry: ReleaseEntry): Promise<void> {
    if (entry.kind === 'directory') await this.#files.makeDirectory(this.#at(entry.path), entry.mode);
  }

  /** Returns false, without a change, when the file does not match the manifest. */
  async #reuse({ entry, from, how, stamp: planned }: ReusedFile): Promise<boolean> {
    if (how === 'copy') return await this.#copy(entry, from);
    const now = (await this.#files.info(from))?.stamp;
    const isAsPlanned = now !== undefined && planned !== undefined && isSameStamp(now, planned);
    const sound = isAsPlanned ? planned : await soundStamp(this.#files, from, entry);
    if (sound === undefined) return false;
    const to = this.#at(entry.path);
    await this.#files.hardLink(from, to);
    const stamp = (await this.#files.info(to))?.stamp;
    if (stamp?.content === sound.content) this.#note(entry, stamp);
    this.#context.tally.linked();
    return true;
  }

  #note({ path, sha256 }: FileEntryOfRelease, stamp: FileStamp): void {
    this.#context.filesOfRun.add({ path: hostPath(this.#context.finalDirectory, path), sha256, stamp });
  }

  async #copy(entry: FileEntryOfRelease, from: HostPath): Promise<boolean> {
    if ((await this.#files.info(from))?.kind !== 'file') return false;
    const content = await this.#files.read(from);
    if (content === undefined || sha256(content) !== entry.sha256) return false;
    await this.#files.writeStream(this.#at(entry.path), [content], entry.mode);
    this.#context.tally.wrote(entry.size);
    return true;
  }

  async #unpack(component: string, files: readonly FileEntryOfRelease[]): Promise<void> {
    await unpackComponent(this.#payload, component, {
      files: this.#files,
      directory: this.#directory,
      wanted: new Set(files.filter((entry) => entry.component === component).map((entry) => entry.path)),
      onFile: (entry, stamp) => {
        this.#context.tally.wrote(entry.size);
        if (stamp !== undefined) this.#note({ ...entry, component }, stamp);
      },
    });
  }
}
