/** Reads an archive piece by piece into the same memory again and again, and digests it on the way beside other work. */
import { type FileHandle, open } from 'node:fs/promises';

const pieceSize = 2 ** 20;

export interface ArchiveBytes {
  readonly size: number;
  /** See `PayloadComponent.archivePiecesSha256`. */
  readonly piecesSha256: string;
}

export class ArchivePieces {
  readonly #path: string;
  readonly #digests: Promise<ArrayBuffer>[] = [];
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Each piece is valid until the next one is asked for. */
  async *read(): AsyncGenerator<Uint8Array> {
    const handle = await open(this.#path, 'r');
    try {
      yield* this.#readFrom(handle);
    } finally {
      await handle.close();
    }
  }

  /** Of what was read. */
  async digest(): Promise<ArchiveBytes> {
    const digests = await Promise.all(this.#digests);
    const piecesSha256 = Buffer.from(await sha256(Buffer.concat(digests.map((each) => Buffer.from(each)))));
    return { size: this.#size, piecesSha256: piecesSha256.toString('hex') };
  }

  async *#readFrom(handle: FileHandle): AsyncGenerator<Uint8Array> {
    const length = Math.min(pieceSize, (await handle.stat()).size);
    const memory = [Buffer.allocUnsafeSlow(length), Buffer.allocUnsafeSlow(length)] as const;
    let next = fill(handle, memory[0]);
    for (let turn = 1; ; turn ^= 1) {
      const piece = await next;
      if (piece.length === 0) return;
      next = fill(handle, memory[turn as 0 | 1]);
      // It is awaited later, or never when something else fails before.
      next.catch(() => undefined);
      this.#size += piece.length;
      this.#digests.push(sha256(piece));
      yield piece;
    }
  }
}

/** Digested in a thread of Node's pool, from a copy. */
async function sha256(piece: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  return await crypto.subtle.digest('SHA-256', piece);
}

/** A whole piece but for the last one, whatever a single read gives. */
async function fill(handle: FileHandle, memory: Buffer<ArrayBuffer>): Promise<Buffer<ArrayBuffer>> {
  let length = 0;
  while (length < memory.length) {
    const { bytesRead } = await handle.read(memory, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return memory.subarray(0, length);
}
