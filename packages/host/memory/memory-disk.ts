/** A disk in memory with the system calls that change it, and what of each is not durable before a sync. */
import { posix } from 'node:path';
import { systemError } from '../files/file-error.ts';
import type { HostPath } from '../host.ts';
import {
  type Attributes,
  type DirectoryInode,
  type FileInode,
  type Inode,
  newDirectory,
  newFile,
  newLink,
} from './inode.ts';
import { afterPowerLoss, type EntryChange, type PowerLossChoice, type Transaction } from './power-loss.ts';

export interface MemoryStep {
  readonly call:
    | 'chmod'
    | 'create'
    | 'exchange'
    | 'link'
    | 'mkdir'
    | 'rename'
    | 'rmdir'
    | 'symlink'
    | 'sync'
    | 'unlink'
    | 'write';
  readonly path: HostPath;
}

/** Only the last part of a path may be a link, which is never followed. */
export class MemoryDisk {
  readonly #root: DirectoryInode;
  readonly #beforeStep: ((step: MemoryStep) => void) | undefined;
  /** In order; the first ones are waiting for a sync. */
  #pending: Transaction[] = [];

  constructor(root: DirectoryInode, beforeStep?: (step: MemoryStep) => void) {
    this.#root = root;
    this.#beforeStep = beforeStep;
  }

  /** The root that a machine finds after losing power now. */
  afterPowerLoss(choice: PowerLossChoice): DirectoryInode {
    return afterPowerLoss(this.#root, this.#pending, choice);
  }

  find(path: HostPath): Inode | undefined {
    let inode: Inode | undefined = this.#root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      inode = inode?.kind === 'directory' ? inode.entries.get(name) : undefined;
    }
    return inode;
  }

  require(path: HostPath, call: string): Inode {
    const inode = this.find(path);
    if (inode === undefined) throw systemError('ENOENT', call, path);
    return inode;
  }

  /** Adds an inode durably, with its missing parents. */
  plant(path: HostPath, inode: Inode, parentAttributes: Attributes): void {
    let directory = this.#root;
    for (const name of posix.dirname(path).split('/')) {
      if (name === '') continue;
      let next = directory.entries.get(name);
      if (next === undefined) {
        next = newDirectory(parentAttributes);
        plantEntry(directory, name, next);
      }
      if (next.kind !== 'directory') throw systemError('ENOTDIR', 'mkdir', path);
      directory = next;
    }
    plantEntry(directory, posix.basename(path), inode);
  }

  create(path: HostPath, attributes: Attributes): void {
    if (this.find(path) !== undefined) throw systemError('EEXIST', 'open', path);
    this.#enter('create', path, newFile(attributes));
  }

  write(path: HostPath, content: Buffer): void {
    const file = this.#file(path);
    this.#step('write', path);
    file.content = content;
  }

  chmod(path: HostPath, attributes: Partial<Attributes>): void {
    const inode = this.require(path, 'chmod');
    this.#step('chmod', path);
    inode.attributes = { ...inode.attributes, ...attributes };
  }

  mkdir(path: HostPath, attributes: Attributes): void {
    if (this.find(path) !== undefined) throw systemError('EEXIST', 'mkdir', path);
    this.#enter('mkdir', path, newDirectory(attributes));
  }

  symlink(target: string, path: HostPath, attributes: Attributes): void {
    if (this.find(path) !== undefined) throw systemError('EEXIST', 'symlink', path);
    this.#enter('symlink', path, newLink(attributes, target));
  }

  link(existing: HostPath, path: HostPath): void {
    const inode = this.require(existing, 'link');
    if (inode.kind === 'directory') throw systemError('EPERM', 'link', existing);
    if (this.find(path) !== undefined) throw systemError('EEXIST', 'link', path);
    this.#enter('link', path, inode);
  }

  unlink(path: HostPath): void {
    const inode = this.require(path, 'unlink');
    if (inode.kind === 'directory') throw systemError('EISDIR', 'unlink', path);
    this.#enter('unlink', path, undefined);
  }

  rmdir(path: HostPath): void {
    const inode = this.require(path, 'rmdir');
    if (inode.kind !== 'directory') throw systemError('ENOTDIR', 'rmdir', path);
    if (inode.entries.size > 0) throw systemError('ENOTEMPTY', 'rmdir', path);
    this.#enter('rmdir', path, undefined);
  }

  rename(from: HostPath, to: HostPath): void {
    const moved = this.require(from, 'rename');
    const replaced = this.find(to);
    const [source, target] = [this.#entry(from, 'rename'), this.#entry(to, 'rename')];
    if (replaced === moved) return;
    if (moved.kind === 'directory') {
      if (to.startsWith(`${from}/`)) throw systemError('EINVAL', 'rename', to);
      if (replaced !== undefined && replaced.kind !== 'directory') throw systemError('ENOTDIR', 'rename', to);
      if (replaced !== undefined && replaced.entries.size > 0) throw systemError('ENOTEMPTY', 'rename', to);
    } else if (replaced?.kind === 'directory') {
      throw systemError('EISDIR', 'rename', to);
    }
    this.#step('rename', to);
    this.#change({ ...source, after: undefined }, { ...target, after: moved });
  }

  exchange(a: HostPath, b: HostPath): void {
    const [first, second] = [this.require(a, 'exchange'), this.require(b, 'exchange')];
    if (first === second) return;
    const isNested = a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
    if (isNested) throw systemError('EINVAL', 'exchange', b);
    this.#step('exchange', b);
    this.#change(
      { ...this.#entry(a, 'exchange'), after: second },
      { ...this.#entry(b, 'exchange'), after: first },
    );
  }

  /** fsync(2): of a file its content and attributes, not its name; of a directory the names in it. */
  sync(path: HostPath): void {
    const inode = this.require(path, 'open');
    this.#step('sync', path);
    const { attributes } = inode;
    if (inode.kind === 'file') inode.synced = { attributes, content: inode.content };
    if (inode.kind !== 'directory') return;
    inode.synced.attributes = attributes;
    for (const transaction of this.#pending) transaction.unsynced.delete(inode);
    this.#settle();
  }

  #step(call: MemoryStep['call'], path: HostPath): void {
    this.#beforeStep?.({ call, path });
  }

  #enter(call: MemoryStep['call'], path: HostPath, after: Inode | undefined): void {
    const entry = this.#entry(path, call);
    this.#step(call, path);
    this.#change({ ...entry, after });
  }

  #change(...changes: readonly EntryChange[]): void {
    for (const change of changes) setEntry(change);
    const unsynced = new Set(changes.map(({ directory }) => directory));
    this.#pending.push({ changes, unsynced });
  }

  /** Moves durable changes to the disk, in order, and drops changes in directories that are durably removed. */
  #settle(): void {
    const gone = new Set<Inode>();
    for (const { changes, unsynced } of this.#pending) {
      const [{ before, after } = {}] = changes;
      if (
        unsynced.size === 0 &&
        before?.kind === 'directory' &&
        after === undefined &&
        before.linkCount === 0
      )
        gone.add(before);
    }
    this.#pending = this.#pending.filter(({ changes }) => !changes.every((c) => gone.has(c.directory)));
    let first = this.#pending[0];
    while (first?.unsynced.size === 0) {
      for (const { directory, name, after } of first.changes) setName(directory.synced.entries, name, after);
      this.#pending.shift();
      first = this.#pending[0];
    }
  }

  #entry(path: HostPath, call: string): Omit<EntryChange, 'after'> {
    const directory = this.require(posix.dirname(path) as HostPath, call);
    if (directory.kind !== 'directory') throw systemError('ENOTDIR', call, path);
    const name = posix.basename(path);
    return { directory, name, before: directory.entries.get(name) };
  }

  #file(path: HostPath): FileInode {
    const inode = this.require(path, 'write');
    if (inode.kind !== 'file') throw systemError('EISDIR', 'write', path);
    return inode;
  }
}

function plantEntry(directory: DirectoryInode, name: string, after: Inode): void {
  setEntry({ directory, name, before: directory.entries.get(name), after });
  directory.synced.entries.set(name, after);
}

function setEntry({ directory, name, before, after }: EntryChange): void {
  if (before !== undefined) before.linkCount -= 1;
  if (after !== undefined) after.linkCount += 1;
  setName(directory.entries, name, after);
}

function setName(entries: Map<string, Inode>, name: string, inode: Inode | undefined): void {
  if (inode === undefined) entries.delete(name);
  else entries.set(name, inode);
}
