/** The payload files of the releases that a run writes, each as it was when its content was known to be right. */
import type { FileStamp, HostFiles, HostPath } from '@kata/host';

export interface FileOfRun {
  /** Where it is in the end. */
  readonly path: HostPath;
  readonly sha256: string;
  readonly stamp: FileStamp;
}

/**
 * Only our own links and removals may change a stamp. Any other change means that another process touched the file,
 * which is then left out: the next upgrade reads it.
 */
export class FilesOfRun {
  readonly #files: HostFiles;
  /** By `FileStamp.content`: links to the same file have the same stamp. */
  readonly #seen = new Map<string, FileOfRun>();

  constructor(files: HostFiles) {
    this.#files = files;
  }

  get isEmpty(): boolean {
    return this.#seen.size === 0;
  }

  add(file: FileOfRun): void {
    this.#seen.set(file.stamp.content, file);
  }

  /** Removes other links to these files, which changes their ctime. */
  async whileUnlinking<T>(unlink: () => Promise<T>): Promise<T> {
    const before = await this.unchanged();
    const result = await unlink();
    this.#seen.clear();
    for (const file of before) {
      const now = (await this.#files.info(file.path))?.stamp;
      if (now?.content === file.stamp.content) this.add({ ...file, stamp: now });
    }
    return result;
  }

  async unchanged(): Promise<readonly FileOfRun[]> {
    const found: FileOfRun[] = [];
    for (const file of this.#seen.values()) {
      const now = (await this.#files.info(file.path))?.stamp;
      if (now !== undefined && isSameStamp(now, file.stamp)) found.push(file);
    }
    return found;
  }
}

export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.content === b.content && a.change === b.change;
}
