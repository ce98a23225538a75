/** Writes, adopts and removes releases in the store during a run. */
import {
  type FilesOfRun,
  type Payload,
  type ReleasePlan,
  releaseDirectory,
  removeRelease,
  type Store,
  writeRelease,
} from '@kata/artifacts';
import { adoptTree } from '../adoption/adopt-tree.ts';
import type { Upstream } from '../adoption/upstream.ts';
import type { ReleaseProgress } from '../apply/events.ts';
import type { ReleaseWork } from '../apply/release-work.ts';
import { measureTree } from '../facts/release-usage.ts';

/** A removed release, with the bytes that were freed. */
export interface FreedRelease {
  readonly release: string;
  readonly bytes: number;
}

export interface ReleaseSource {
  readonly payload: Payload;
  readonly plan: ReleasePlan;
}

export interface ReleasesOptions {
  readonly store: Store;
  /** Undefined for runs that write no release. */
  readonly source?: ReleaseSource | undefined;
  readonly upstream: Upstream | undefined;
  /** Collects removed releases. */
  readonly freed: FreedRelease[];
  readonly filesOfRun: FilesOfRun;
}

export class ReleasesOfRun implements ReleaseWork {
  readonly #options: ReleasesOptions;

  constructor(options: ReleasesOptions) {
    this.#options = options;
  }

  async write(id: string, onProgress: (progress: ReleaseProgress) => void): Promise<string> {
    const { store, source, filesOfRun } = this.#options;
    if (source === undefined) throw new TypeError(`there is no payload to write release ${id} from`);
    const { release, contents, bytesToWrite: bytesTotal } = source.plan;
    const packed = release.entries.filter((entry) => entry.kind === 'file').length;
    const placed = [...contents.placed.values()].filter((entry) => entry.kind === 'file').length;
    const manifest = 1;
    const filesTotal = packed + placed + contents.generated.size + manifest;
    const written = await writeRelease(store, source.payload, source.plan, {
      replaces: true,
      filesOfRun,
      onProgress: ({ filesWritten, filesLinked, bytesWritten: bytes }) => {
        const files = filesWritten + filesLinked;
        onProgress({ files, filesTotal, bytes, bytesTotal });
      },
    });
    const megabytes = (written.bytesWritten / 1e6).toFixed(1);
    return `${written.filesWritten} files written (${megabytes} MB), ${written.filesLinked} linked`;
  }

  async adopt(): Promise<string> {
    const { store, upstream } = this.#options;
    if (upstream?.tree === undefined) throw new TypeError('there is no tree to adopt');
    return await adoptTree(store, upstream.tree, upstream.names);
  }

  /** Files that other releases share are not freed. */
  async remove(release: string): Promise<string> {
    const { store, freed, filesOfRun } = this.#options;
    const { ownBytes: bytes } = await measureTree(store.files, releaseDirectory(store, release));
    await filesOfRun.whileUnlinking(async () => await removeRelease(store, release));
    freed.push({ release, bytes });
    return `${(bytes / 1e6).toFixed(1)} MB freed`;
  }
}
