/** Files that exist only in memory and behave as those of a Linux machine, for tests. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { fileError, systemError } from '../files/file-error.ts';
import { type LastLink, resolveLinks } from '../files/resolve-links.ts';
import type { FileInfo, HostFiles, HostPath, WriteOptions } from '../host.ts';

interface Owner {
  mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedMs: number;
}
type MemoryFile = Owner & { readonly kind: 'file'; readonly content: Buffer };
type MemoryDirectory = Owner & { readonly kind: 'directory' };
type MemoryLink = Owner & { readonly kind: 'link'; readonly target: string };
type MemoryNode = MemoryFile | MemoryDirectory | MemoryLink;

/** What a test puts on the machine: text or bytes, or more to say. */
export type MemorySeed =
  | string
  | Uint8Array
  | ({ readonly content: string | Uint8Array } & WriteOptions)
  | { readonly link: string }
  | ({ readonly directory: true } & WriteOptions);

export interface MemoryChange {
  readonly operation: Exclude<keyof HostFiles, 'info' | 'read' | 'digest' | 'list' | 'freeBytes'>;
  readonly path: HostPath;
}

export interface MemoryFilesOptions {
  readonly files?: Readonly<Record<HostPath, MemorySeed>>;
  readonly freeBytes?: number;
  readonly now?: () => Date;
  /** Called before each change; what it throws (see `systemError`) becomes the change's failure, or a crash. */
  readonly beforeChange?: (change: MemoryChange) => void;
}

export class MemoryFiles implements HostFiles {
  readonly #nodes = new Map<HostPath, MemoryNode>();
  readonly #options: MemoryFilesOptions;

  constructor(options: MemoryFilesOptions = {}) {
    this.#options = options;
    this.#nodes.set('/', this.#node({ kind: 'directory', mode: 0o755 }));
    for (const [path, seed] of Object.entries(options.files ?? {})) this.seed(path as HostPath, seed);
  }

  /** Puts something in place at once, with the parents that it needs; `beforeChange` is not asked. */
  seed(path: HostPath, seed: MemorySeed): void {
    this.#makeParents(path);
    if (typeof seed === 'string' || seed instanceof Uint8Array) {
      this.#nodes.set(path, this.#node({ kind: 'file', mode: 0o644, content: Buffer.from(seed) }));
    } else if ('link' in seed) {
      this.#nodes.set(path, this.#node({ kind: 'link', mode: 0o777, target: seed.link }));
    } else if ('directory' in seed) {
      const { directory: _, ...owner } = seed;
      this.#nodes.set(path, this.#node({ kind: 'directory', mode: 0o755, ...owner }));
    } else {
      const content = Buffer.from(seed.content);
      this.#nodes.set(path, this.#node({ mode: 0o644, ...seed, kind: 'file', content }));
    }
  }

  /** Everything below a path for comparison: `link -> target`, `directory 755`, or mode and text of a file. */
  snapshot(below: HostPath = '/'): Readonly<Record<string, string>> {
    const inside = [...this.#nodes].filter(([path]) => path !== '/' && isBelow(path, below));
    return Object.fromEntries(
      inside
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, node]) => {
          const mode = node.mode.toString(8);
          if (node.kind === 'link') return [path, `link -> ${node.target}`];
          if (node.kind === 'directory') return [path, `directory ${mode}`];
          return [path, `${mode} ${node.content.toString()}`];
        }),
    );
  }

  async info(path: HostPath): Promise<FileInfo | undefined> {
    return await this.#read('look at', path, 'keep', (place) => {
      const node = this.#nodes.get(place);
      if (node === undefined) return undefined;
      const { kind, mode, uid, gid, modifiedMs } = node;
      const size = kind === 'file' ? node.content.length : kind === 'link' ? node.target.length : 4096;
      const linkCount = [...this.#nodes.values()].filter((other) => other === node).length;
      const target = kind === 'link' ? { target: node.target } : {};
      return { kind, mode, uid, gid, size, modifiedMs, linkCount, ...target };
    });
  }

  async read(path: HostPath): Promise<Buffer | undefined> {
    return await this.#read('read', path, 'follow', (place) => {
      const node = this.#nodes.get(place);
      if (node?.kind === 'directory') throw systemError('EISDIR', 'read', place);
      return node?.kind === 'file' ? Buffer.from(node.content) : undefined;
    });
  }

  async digest(path: HostPath): Promise<string | undefined> {
    const content = await this.read(path);
    return content === undefined ? undefined : createHash('sha256').update(content).digest('hex');
  }

  async list(path: HostPath): Promise<readonly string[]> {
    return await this.#read('list', path, 'follow', (place) =>
      this.#childrenOf(place)
        .map((child) => posix.basename(child))
        .toSorted(),
    );
  }

  async makeDirectory(path: HostPath, mode = 0o755): Promise<void> {
    await this.#change('make the directory', 'makeDirectory', path, 'follow', (place) => {
      this.#makeParents(place);
      const existing = this.#nodes.get(place);
      if (existing === undefined) this.#nodes.set(place, this.#node({ kind: 'directory', mode }));
      else if (existing.kind !== 'directory') throw systemError('EEXIST', 'mkdir', place);
    });
  }

  async write(path: HostPath, content: Uint8Array, options: WriteOptions = {}): Promise<void> {
    await this.#change('write', 'write', path, 'follow', (place) => {
      const existing = this.#nodes.get(place);
      if (existing?.kind === 'directory') throw systemError('EISDIR', 'rename', place);
      this.#requireParent(place, 'open');
      const { mode = existing?.mode ?? 0o644, uid = existing?.uid, gid = existing?.gid } = options;
      const node = this.#node({ kind: 'file', content: Buffer.from(content), mode, uid, gid });
      if (existing === undefined || !isSame(existing, node)) this.#nodes.set(place, node);
    });
  }

  async writeStream(
    path: HostPath,
    content: AsyncIterable<Uint8Array>,
    mode: number,
  ): Promise<{ readonly size: number; readonly sha256: string }> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(Buffer.from(piece));
    const whole = Buffer.concat(pieces);
    return await this.#change('write', 'writeStream', path, 'keep', (place) => {
      if (this.#nodes.has(place)) throw systemError('EEXIST', 'open', place);
      this.#requireParent(place, 'open');
      this.#nodes.set(place, this.#node({ kind: 'file', content: whole, mode }));
      return { size: whole.length, sha256: createHash('sha256').update(whole).digest('hex') };
    });
  }

  async setLink(path: HostPath, target: string): Promise<void> {
    await this.#change('set the link', 'setLink', path, 'keep', (place) => {
      this.#requireParent(place, 'symlink');
      const existing = this.#nodes.get(place);
      if (existing?.kind === 'directory') throw systemError('EISDIR', 'rename', place);
      if (existing?.kind === 'link' && existing.target === target) return;
      this.#nodes.set(place, this.#node({ kind: 'link', mode: 0o777, target }));
    });
  }

  async hardLink(existing: HostPath, path: HostPath): Promise<void> {
    await this.#change(`link ${existing} to`, 'hardLink', path, 'keep', (place) => {
      const node = this.#require(this.#locate(existing, 'keep'), 'link');
      if (node.kind === 'directory') throw systemError('EPERM', 'link', existing);
      if (this.#nodes.has(place)) throw systemError('EEXIST', 'link', place);
      this.#requireParent(place, 'link');
      this.#nodes.set(place, node);
    });
  }

  async rename(from: HostPath, to: HostPath): Promise<void> {
    await this.#change(`rename ${from} to`, 'rename', to, 'keep', (place) => {
      const source = this.#locate(from, 'keep');
      const node = this.#require(source, 'rename');
      const replaced = this.#nodes.get(place);
      this.#requireParent(place, 'rename');
      if (replaced === node) return;
      if (node.kind === 'directory') {
        if (isBelow(place, source)) throw systemError('EINVAL', 'rename', place);
        if (replaced !== undefined && replaced.kind !== 'directory') {
          throw systemError('ENOTDIR', 'rename', place);
        }
        if (this.#childrenOf(place).length > 0) throw systemError('ENOTEMPTY', 'rename', place);
      } else if (replaced?.kind === 'directory') {
        throw systemError('EISDIR', 'rename', place);
      }
      this.#put(place, this.#take(source));
    });
  }

  async exchange(a: HostPath, b: HostPath): Promise<void> {
    await this.#change(`exchange ${a} and`, 'exchange', b, 'keep', (second) => {
      const first = this.#locate(a, 'keep');
      this.#require(first, 'exchange');
      this.#require(second, 'exchange');
      if (first === second) return;
      if (isBelow(first, second) || isBelow(second, first)) throw systemError('EINVAL', 'exchange', second);
      const [taken, other] = [this.#take(first), this.#take(second)];
      this.#put(second, taken);
      this.#put(first, other);
    });
  }

  async remove(path: HostPath): Promise<void> {
    await this.#change('remove', 'remove', path, 'keep', (place) => {
      if (this.#nodes.get(place)?.kind === 'directory') throw systemError('EISDIR', 'unlink', place);
      this.#nodes.delete(place);
    });
  }

  async removeDirectory(path: HostPath): Promise<boolean> {
    return await this.#change('remove the directory', 'removeDirectory', path, 'keep', (place) => {
      const node = this.#nodes.get(place);
      if (node === undefined || this.#childrenOf(place).length > 0) return false;
      if (node.kind !== 'directory') throw systemError('ENOTDIR', 'rmdir', place);
      return this.#nodes.delete(place);
    });
  }

  async removeTree(path: HostPath): Promise<void> {
    await this.#change('remove', 'removeTree', path, 'keep', (place) => {
      if (place === '/') throw systemError('EBUSY', 'rm', place);
      this.#take(place);
    });
  }

  async syncTree(path: HostPath): Promise<void> {
    await this.#change('sync', 'syncTree', path, 'follow', (place) => {
      this.#require(place, 'open');
    });
  }

  async freeBytes(path: HostPath): Promise<number> {
    return await this.#read('measure the space at', path, 'follow', () => this.#options.freeBytes ?? 1e12);
  }

  #node<T extends { readonly kind: MemoryNode['kind']; mode: number }>(
    node: T & { readonly uid?: number | undefined; readonly gid?: number | undefined },
  ): T & Owner {
    const modifiedMs = (this.#options.now?.() ?? new Date(0)).getTime();
    return { ...node, uid: node.uid ?? 0, gid: node.gid ?? 0, modifiedMs };
  }

  #locate(path: HostPath, last: LastLink): HostPath {
    return resolveLinks(path, last, (candidate) => {
      const node = this.#nodes.get(candidate);
      return node?.kind === 'link' ? node.target : undefined;
    });
  }

  #require(place: HostPath, call: string): MemoryNode {
    const node = this.#nodes.get(place);
    if (node === undefined) throw systemError('ENOENT', call, place);
    return node;
  }

  #requireParent(place: HostPath, call: string): void {
    if (this.#require(parentOf(place), call).kind !== 'directory') throw systemError('ENOTDIR', call, place);
  }

  #makeParents(path: HostPath): void {
    const parent = parentOf(path);
    const existing = this.#nodes.get(parent);
    if (existing?.kind === 'directory') return;
    if (existing !== undefined) throw systemError('ENOTDIR', 'mkdir', path);
    this.#makeParents(parent);
    this.#nodes.set(parent, this.#node({ kind: 'directory', mode: 0o755 }));
  }

  #childrenOf(place: HostPath): readonly HostPath[] {
    return [...this.#nodes.keys()].filter((path) => path !== '/' && parentOf(path) === place);
  }

  /** Removes what is at the place and below; returns it by what follows the place in its path. */
  #take(place: HostPath): ReadonlyMap<string, MemoryNode> {
    const taken = [...this.#nodes].filter(([path]) => isBelow(path, place));
    for (const [path] of taken) this.#nodes.delete(path);
    return new Map(taken.map(([path, node]) => [path.slice(place.length), node]));
  }

  #put(place: HostPath, nodes: ReadonlyMap<string, MemoryNode>): void {
    for (const [suffix, node] of nodes) this.#nodes.set(`${place}${suffix}`, node);
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

function parentOf(path: HostPath): HostPath {
  return posix.dirname(path) as HostPath;
}

/** A path is below itself. */
function isBelow(path: HostPath, ancestor: HostPath): boolean {
  return path === ancestor || path.startsWith(ancestor === '/' ? '/' : `${ancestor}/`);
}

function isSame(existing: MemoryNode, node: MemoryFile): boolean {
  return (
    existing.kind === 'file' &&
    existing.content.equals(node.content) &&
    existing.mode === node.mode &&
    existing.uid === node.uid &&
    existing.gid === node.gid
  );
}
