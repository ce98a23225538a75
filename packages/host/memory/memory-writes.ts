/** Changes of a disk in memory that take several system calls, in the order in which `LinuxFiles` makes them. */
import { posix } from 'node:path';
import { systemError } from '../files/file-error.ts';
import { changedDirectories, temporaryDirectory, temporaryPrefix } from '../files/temporary-place.ts';
import type { HostPath } from '../host.ts';
import type { Attributes } from './inode.ts';
import { namesIn, parentOf } from './inode-tree.ts';
import type { MemoryDisk } from './memory-disk.ts';

const parentMode = 0o755;

export class MemoryWrites {
  readonly #disk: MemoryDisk;
  readonly #attributes: (mode: number) => Attributes;
  /** The umask. */
  readonly #mask: number;
  #temporaryFiles = 0;

  constructor(disk: MemoryDisk, attributes: (mode: number) => Attributes, mask: number) {
    this.#disk = disk;
    this.#attributes = attributes;
    this.#mask = mask;
  }

  makeDirectories(place: HostPath, mode: number): void {
    const existing = this.#disk.find(place);
    if (existing?.kind === 'directory') return;
    if (existing !== undefined) throw systemError('EEXIST', 'mkdir', place);
    this.makeDirectories(parentOf(place), parentMode);
    const mask = this.#mask;
    this.#disk.mkdir(place, this.#attributes(mode & ~mask));
    if ((mode & mask) !== 0) {
      this.#disk.chmod(place, { mode });
      this.#disk.sync(place);
    }
    this.#disk.sync(parentOf(place));
  }

  /** Removes the file again when writing it fails. */
  writeFile(place: HostPath, content: Uint8Array, attributes: Attributes): void {
    this.#disk.create(place, { ...attributes, uid: 0, gid: 0, mode: 0o600 });
    try {
      this.#disk.write(place, Buffer.from(content));
      this.#disk.chmod(place, attributes);
    } catch (error) {
      this.#removeQuietly(place);
      throw error;
    }
  }

  replace(place: HostPath, make: (temporary: HostPath) => void): void {
    const directory = parentOf(place);
    if (this.#disk.require(directory, 'open').kind !== 'directory')
      throw systemError('ENOTDIR', 'open', place);
    this.removeLeftOvers(place);
    this.#temporaryFiles += 1;
    const name = `${temporaryPrefix(place)}${this.#temporaryFiles.toString(16).padStart(12, '0')}`;
    const temporary = posix.join(temporaryDirectory(place), name) as HostPath;
    try {
      make(temporary);
      this.#disk.rename(temporary, place);
    } catch (error) {
      this.#removeQuietly(temporary);
      throw error;
    }
  }

  /** Returns whether there were any. */
  removeLeftOvers(place: HostPath): boolean {
    const found = changedDirectories(place).flatMap((directory) =>
      namesIn(this.#disk.find(directory as HostPath))
        .filter((name) => name.startsWith(temporaryPrefix(place)))
        .map((name) => posix.join(directory, name) as HostPath),
    );
    for (const path of found) this.#disk.unlink(path);
    return found.length > 0;
  }

  /** The earlier failure is the one to report. */
  #removeQuietly(place: HostPath): void {
    try {
      if (this.#disk.find(place) !== undefined) this.#disk.unlink(place);
    } catch {
      // The file stays, as on Linux.
    }
  }

  syncChanged(place: HostPath): void {
    for (const directory of changedDirectories(place)) this.#disk.sync(directory as HostPath);
  }

  syncParents(a: HostPath, b: HostPath): void {
    this.#disk.sync(parentOf(a));
    if (parentOf(b) !== parentOf(a)) this.#disk.sync(parentOf(b));
  }
}
