/** Files in memory that behave like those of a Linux machine, for tests. */
import { sha256 } from '@kata/core';
import { fileChangedError, isAsExpected } from '../files/changed-error.ts';
import { fileError, systemError } from '../files/file-error.ts';
import { type LastLink, resolveLinks } from '../files/resolve-links.ts';
import type {
  ExpectedFile,
  FileInfo,
  FileStamp,
  HostFiles,
  HostPath,
  RemoveOptions,
  WriteOptions,
} from '../host.ts';
import { type Attributes, type DirectoryInode, type Inode, newDirectory } from './inode.ts';
import { stampOf } from './inode-stamp.ts';
import { isSame, namesIn, parentOf, walk } from './inode-tree.ts';
import { MemoryDisk, type MemoryStep } from './memory-disk.ts';
import { type MemorySeed, type Owner, planted } from './memory-seed.ts';
import { MemoryWrites } from './memory-writes.ts';
import type { PowerLossChoice } from './power-loss.ts';

export interface MemoryChange {
  readonly operation: Exclude<keyof HostFiles, 'info' | 'read' | 'digest' | 'list' | 'freeBytes'>;
  readonly path: HostPath;
}

export interface MemoryFilesOptions {
  readonly files?: Readonly<Record<HostPath, MemorySeed>>;
  readonly freeBytes?: number;
  readonly now?: () => Date;
  /** Called before each change; an error that it throws (see `systemError`) becomes the change's failure, or a crash. */
  readonly beforeChange?: (change: MemoryChange) => void;
  /** Called before each system call of a change, as on Linux; an error that it throws becomes the call's failure. */
  readonly beforeStep?: (step: MemoryStep) => void;
  /** The umask; by default as strict as possible, so that tests find code that depends on it. */
  readonly mask?: number;
  /** The disk of an earlier machine: see `MemoryHost.powerLoss`. */
  readonly root?: DirectoryInode;
}

const parentMode = 0o755;

export class MemoryFiles implements HostFiles {
  readonly #disk: MemoryDisk;
  readonly #options: MemoryFilesOptions;
  readonly #writes: MemoryWrites;

  constructor(options: MemoryFilesOptions = {}) {
    this.#options = options;
    this.#disk = new MemoryDisk(options.root ?? newDirectory(this.#attributes(0o755)), options.beforeStep);
    this.#writes = new MemoryWrites(this.#disk, (mode) => this.#attributes(mode), options.mask ?? 0o077);
    for (const [path, seed] of Object.entries(options.files ?? {})) this.seed(path as HostPath, seed);
  }

  /** Adds a file durably, with its missing parents; no hook is called. */
  seed(path: HostPath, seed: MemorySeed): void {
    this.#disk.plant(
      path,
      planted(seed, (mode, owner) => this.#attributes(mode, owner)),
      this.#attributes(parentMode),
    );
  }

  /** The root that a machine finds after losing power now; nothing changes here. */
  afterPowerLoss(choice: PowerLossChoice): DirectoryInode {
    return this.#disk.afterPowerLoss(choice);
  }

  /** Everything below a path for comparison: `link -> target`, `directory 755`, or mode and text of a file. */
  snapshot(below: HostPath = '/'): Readonly<Record<string, string>> {
    const start = this.#disk.find(below);
    const found = start === undefined ? [] : [...walk(below, start)];
    return Object.fromEntries(
      found
        .filter(([path]) => path !== '/')
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, node]) => {
          const mode = node.attributes.mode.toString(8);
          if (node.kind === 'link') return [path, `link -> ${node.target}`];
          if (node.kind === 'directory') return [path, `directory ${mode}`];
          return [path, `${mode} ${node.content.toString()}`];
        }),
    );
  }

  async info(path: HostPath): Promise<FileInfo | undefined> {
    return await this.#read('stat', path, 'keep', (place) => {
      const node = this.#disk.find(place);
      if (node === undefined) return undefined;
      const { kind, attributes, linkCount } = node;
      const size = kind === 'file' ? node.content.length : kind === 'link' ? node.target.length : 4096;
      const target = kind === 'link' ? { target: node.target } : {};
      return { kind, ...attributes, size, linkCount, ...target, stamp: stampOf(node) };
    });
  }

  async read(path: HostPath): Promise<Buffer | undefined> {
    return await this.#read('read', path, 'follow', (place) => {
      const node = this.#disk.find(place);
      if (node?.kind === 'directory') throw systemError('EISDIR', 'read', place);
      return node?.kind === 'file' ? Buffer.from(node.content) : undefined;
    });
  }

  async digest(path: HostPath): Promise<string | undefined> {
    const content = await this.read(path);
    return content === undefined ? undefined : sha256(content);
  }

  async list(path: HostPath): Promise<readonly string[]> {
    return await this.#read('list', path, 'follow', (place) => namesIn(this.#disk.find(place)));
  }

  async makeDirectory(path: HostPath, mode = 0o755): Promise<void> {
    await this.#change('create the directory', 'makeDirectory', path, 'follow', (place) => {
      this.#writes.makeDirectories(place, mode);
    });
  }

  async write(path: HostPath, content: Uint8Array, options: WriteOptions = {}): Promise<void> {
    await this.#change('write', 'write', path, 'follow', (place) => {
      const existing = this.#disk.find(place);
      if (existing?.kind === 'directory') throw systemError('EISDIR', 'rename', place);
      const model =
        existing ??
        (options.like === undefined ? undefined : this.#disk.find(this.#locate(options.like, 'follow')));
      const known = model?.attributes;
      const { mode = known?.mode ?? 0o644, uid = known?.uid, gid = known?.gid } = options;
      const attributes = this.#attributes(mode, { uid, gid });
      if (existing !== undefined && isSame(existing, content, attributes)) {
        this.#disk.sync(place);
      } else {
        this.#writes.replace(place, (temporary) => {
          this.#writes.writeFile(temporary, content, attributes);
          this.#disk.sync(temporary);
          this.#check(path, place, options.expects);
        });
      }
      this.#writes.syncChanged(place);
    });
  }

  async writeStream(path: HostPath, content: Iterable<Uint8Array>, mode: number): Promise<FileStamp> {
    const whole = Buffer.concat(Array.from(content, (piece) => Buffer.from(piece)));
    return await this.#change('write', 'writeStream', path, 'keep', (place) => {
      this.#writes.writeFile(place, whole, this.#attributes(mode));
      return stampOf(this.#disk.require(place, 'fstat'));
    });
  }

  async setLink(path: HostPath, target: string): Promise<void> {
    await this.#change('create the link', 'setLink', path, 'keep', (place) => {
      const existing = this.#disk.find(place);
      if (existing?.kind !== 'link' || existing.target !== target) {
        this.#writes.replace(place, (temporary) => {
          this.#disk.symlink(target, temporary, this.#attributes(0o777));
        });
      }
      this.#writes.syncChanged(place);
    });
  }

  async hardLink(existing: HostPath, path: HostPath): Promise<void> {
    await this.#change(`link ${existing} to`, 'hardLink', path, 'keep', (place) => {
      this.#disk.link(this.#locate(existing, 'keep'), place);
    });
  }

  async rename(from: HostPath, to: HostPath): Promise<void> {
    await this.#change(`rename ${from} to`, 'rename', to, 'keep', (place) => {
      const source = this.#locate(from, 'keep');
      this.#disk.rename(source, place);
      this.#writes.syncParents(source, place);
    });
  }

  async exchange(a: HostPath, b: HostPath): Promise<void> {
    await this.#change(`exchange ${a} and`, 'exchange', b, 'keep', (second) => {
      const first = this.#locate(a, 'keep');
      this.#disk.exchange(first, second);
      this.#writes.syncParents(first, second);
    });
  }

  async remove(path: HostPath, { expects }: RemoveOptions = {}): Promise<void> {
    await this.#change('remove', 'remove', path, 'keep', (place) => {
      const hadLeftOvers = this.#writes.removeLeftOvers(place);
      this.#check(path, this.#locate(path, 'follow'), expects);
      if (this.#disk.find(place) !== undefined) this.#disk.unlink(place);
      else if (!hadLeftOvers) return;
      this.#disk.sync(parentOf(place));
    });
  }

  async removeDirectory(path: HostPath): Promise<boolean> {
    return await this.#change('remove the directory', 'removeDirectory', path, 'keep', (place) => {
      const node = this.#disk.find(place);
      if (node === undefined || namesIn(node).length > 0) return false;
      this.#disk.rmdir(place);
      this.#disk.sync(parentOf(place));
      return true;
    });
  }

  async removeTree(path: HostPath): Promise<void> {
    await this.#change('remove', 'removeTree', path, 'keep', (place) => {
      if (place === '/') throw systemError('EBUSY', 'rm', place);
      const node = this.#disk.find(place);
      if (node === undefined) return;
      for (const [found, { kind }] of [...walk(place, node)].toReversed()) {
        if (kind === 'directory') this.#disk.rmdir(found);
        else this.#disk.unlink(found);
      }
      this.#disk.sync(parentOf(place));
    });
  }

  async syncTree(path: HostPath): Promise<void> {
    await this.#change('sync', 'syncTree', path, 'follow', (place) => {
      const found = walk(place, this.#disk.require(place, 'open'));
      for (const [each, { kind }] of found) if (kind !== 'link') this.#disk.sync(each);
      if (place !== '/') this.#disk.sync(parentOf(place));
    });
  }

  async freeBytes(path: HostPath): Promise<number> {
    return await this.#read('get the free space at', path, 'follow', () => this.#options.freeBytes ?? 1e12);
  }

  #attributes(mode: number, owner: Owner = {}): Attributes {
    const modifiedMs = (this.#options.now?.() ?? new Date(0)).getTime();
    return { mode, uid: owner.uid ?? 0, gid: owner.gid ?? 0, modifiedMs };
  }

  #locate(path: HostPath, last: LastLink): HostPath {
    // Most candidates are one name below the one before.
    let [known, inode]: [string, Inode | undefined] = ['', this.#disk.find('/')];
    return resolveLinks(path, last, (candidate) => {
      const slash = candidate.lastIndexOf('/');
      const parent = candidate.slice(0, slash);
      const directory = parent === known ? inode : this.#disk.find(parentOf(candidate));
      const name = candidate.slice(slash + 1);
      const node = directory?.kind === 'directory' ? directory.entries.get(name) : undefined;
      [known, inode] = [candidate, node];
      return node?.kind === 'link' ? node.target : undefined;
    });
  }

  #check(path: HostPath, place: HostPath, expects: ExpectedFile | undefined): void {
    if (expects === undefined) return;
    const node = this.#disk.find(place);
    if (!isAsExpected(expects, node?.kind === 'file' ? node.content : undefined))
      throw fileChangedError(path);
  }

  async #read<T>(
    operation: string,
    path: HostPath,
    last: LastLink,
    action: (place: HostPath) => T,
  ): Promise<T> {
    try {
      return action(this.#locate(path, last));
    } catch (error) {
      throw fileError(operation, path, error);
    }
  }

  async #change<T>(
    operation: string,
    name: MemoryChange['operation'],
    path: HostPath,
    last: LastLink,
    action: (place: HostPath) => T,
  ): Promise<T> {
    return await this.#read(operation, path, last, (place) => {
      this.#options.beforeChange?.({ operation: name, path });
      return action(place);
    });
  }
}
