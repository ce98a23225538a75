/** Reads an archive piece by piece into one buffer, and computes its digest. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const pieceSize = 2 ** 20;

export interface ArchiveBytes {
  readonly size: number;
  /** See `PayloadComponent.archivePiecesSha256`. */
  readonly piecesSha256: string;
}

export class ArchivePieces {
  readonly #path: string;
  readonly #digests = createHash('sha256');
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Each piece is valid until the next one is requested. */
  *read(): Generator<Uint8Array> {
    const descriptor = openSync(this.#path, 'r');
    try {
      const memory = Buffer.allocUnsafeSlow(Math.min(pieceSize, fstatSync(descriptor).size));
      for (;;) {
        const piece = fill(descriptor, memory);
        if (piece.length === 0) return;
        this.#size += piece.length;
        this.#digests.update(createHash('sha256').update(piece).digest());
        yield piece;
      }
    } finally {
      closeSync(descriptor);
    }
  }

  /** Of the bytes read so far. */
  digest(): ArchiveBytes {
    return { size: this.#size, piecesSha256: this.#digests.copy().digest('hex') };
  }
}

/** Fills the buffer, except at the end of the file: a single read may return less. */
function fill(descriptor: number, memory: Buffer): Buffer {
  let length = 0;
  while (length < memory.length) {
    const read = readSync(descriptor, memory, length, memory.length - length, null);
    if (read === 0) break;
    length += read;
  }
  return memory.subarray(0, length);
}
