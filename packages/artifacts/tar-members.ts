/** Streams the members of a tar archive, with the library's parser for headers. */
import { Header } from 'tar/header';
import { Pax } from 'tar/pax';

export interface TarMember {
  readonly name: string;
  /** The library's name: `File`, `SymbolicLink`, … */
  readonly type: Header['type'];
  readonly mode: number | undefined;
  readonly size: number;
  readonly linkName: string;
  /** Its content is sparse, with holes that headers describe. */
  readonly isSparse: boolean;
  /** Must be read before the next member; unread content is skipped. Each piece is valid until the next one is requested. */
  readonly content: Iterable<Uint8Array>;
}

/** Values from extension headers before a member. */
interface Extension {
  readonly fields?: Pax;
  readonly name?: string;
  readonly linkName?: string;
  readonly isSparse?: boolean;
}

/** Members that are extension headers of the next one. */
const extensions: ReadonlyMap<Header['type'], keyof Extension> = new Map([
  ['ExtendedHeader', 'fields'],
  ['OldExtendedHeader', 'fields'],
  ['NextFileHasLongPath', 'name'],
  ['OldGnuLongPath', 'name'],
  ['NextFileHasLongLinkpath', 'linkName'],
]);
const blockSize = 512;
/** Far more than paths need. */
const largestExtension = 2 ** 20;

/** Each piece is valid until the next one is requested. @throws when the archive is damaged or truncated. */
export function* readTar(pieces: Iterable<Uint8Array>): Generator<TarMember> {
  using blocks = new Blocks(pieces);
  let extension: Extension = {};
  let common: Pax | undefined;
  for (let block = blocks.take(); block !== undefined; block = blocks.take()) {
    const header = new Header(block, 0, extension.fields, common);
    if (header.nullBlock) continue;
    if (!header.cksumValid) throw new Error('a header of the tar archive is damaged');
    const size = header.size ?? 0;
    if (header.type === 'GlobalExtendedHeader') {
      common = Pax.parse(blocks.text(size), common, true);
    } else if (extensions.has(header.type)) {
      extension = extend(extension, header.type, blocks.text(size));
    } else {
      const content = new Content(blocks, size);
      yield memberOf(header, extension, content);
      // Skips unread content.
      for (const _ of content);
      blocks.skipPadding(size);
      extension = {};
    }
  }
}

function extend(extension: Extension, type: Header['type'], text: string): Extension {
  const value = text.replace(/\0.*$/s, '');
  switch (extensions.get(type)) {
    case 'name':
      return { ...extension, name: value };
    case 'linkName':
      return { ...extension, linkName: value };
    case 'fields':
    case 'isSparse':
    case undefined:
      return {
        ...extension,
        fields: Pax.parse(text, extension.fields),
        isSparse: extension.isSparse === true || text.includes(' GNU.sparse.'),
      };
  }
}

function memberOf(header: Header, extension: Extension, content: Iterable<Uint8Array>): TarMember {
  return {
    name: extension.name ?? header.path ?? '',
    type: header.type,
    mode: header.mode,
    size: header.size ?? 0,
    linkName: extension.linkName ?? header.linkpath ?? '',
    isSparse: extension.isSparse === true,
    content,
  };
}

/** Resumes where a reader stopped. */
class Content implements Iterable<Uint8Array> {
  readonly #blocks: Blocks;
  #left: number;

  constructor(blocks: Blocks, size: number) {
    this.#blocks = blocks;
    this.#left = size;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    while (this.#left > 0) {
      const piece = this.#blocks.next(this.#left);
      this.#left -= piece.length;
      yield piece;
    }
  }
}

/** Reads bytes that arrive in pieces in blocks of tar. */
class Blocks implements Disposable {
  readonly #pieces: Iterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();

  constructor(pieces: Iterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  /** Undefined at the end. */
  take(): Buffer | undefined {
    return this.#hasMore() ? this.#copy(blockSize) : undefined;
  }

  /** Content of an extension header. */
  text(size: number): string {
    if (size > largestExtension)
      throw new Error(`a header of the tar archive has ${size} bytes, which is too large`);
    const text = this.#copy(size).toString('utf8');
    this.skipPadding(size);
    return text;
  }

  skipPadding(size: number): void {
    for (let left = (blockSize - (size % blockSize)) % blockSize; left > 0;) left -= this.next(left).length;
  }

  [Symbol.dispose](): void {
    this.#pieces.return?.();
  }

  #copy(size: number): Buffer {
    const whole = Buffer.alloc(size);
    for (let length = 0; length < size;) {
      const piece = this.next(size - length);
      whole.set(piece, length);
      length += piece.length;
    }
    return whole;
  }

  /** Returns at least one byte and at most `size`. */
  next(size: number): Uint8Array {
    if (!this.#hasMore()) throw new Error('the tar archive is truncated');
    const piece = this.#piece.subarray(0, size);
    this.#piece = this.#piece.subarray(piece.length);
    return piece;
  }

  #hasMore(): boolean {
    while (this.#piece.length === 0) {
      const next = this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = next.value;
    }
    return true;
  }
}
