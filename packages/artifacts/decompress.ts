/** Decompresses zstd as it is written: compressors, Node's too, put several frames in a row; Node reads only the first. */
import { createZstdDecompress, type ZstdDecompress } from 'node:zlib';

/** It goes on while a few pieces wait to be written. */
const options = { chunkSize: 2 ** 18, readableHighWaterMark: 2 ** 20 };

export async function* decompress(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = new Input(source);
  try {
    while (await input.hasMore()) yield* decompressFrame(input);
  } finally {
    await input.close();
  }
}

async function* decompressFrame(input: Input): AsyncGenerator<Uint8Array> {
  const engine = createZstdDecompress(options);
  const feeding = feed(engine, input).catch((error: unknown) => {
    engine.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  for await (const piece of engine) yield piece as Uint8Array;
  await feeding;
}

async function feed(engine: ZstdDecompress, input: Input): Promise<void> {
  while (await input.hasMore()) {
    const piece = input.take();
    const before = engine.bytesWritten;
    await new Promise<void>((resolve, reject) => {
      engine.write(piece, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    const used = engine.bytesWritten - before;
    if (used < piece.length) {
      input.putBack(piece.subarray(used));
      return;
    }
  }
  engine.end();
}

class Input {
  readonly #source: AsyncIterator<Uint8Array>;
  #next: Uint8Array | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async hasMore(): Promise<boolean> {
    while (this.#next === undefined || this.#next.length === 0) {
      const result = await this.#source.next();
      if (result.done === true) return false;
      this.#next = result.value;
    }
    return true;
  }

  take(): Uint8Array {
    const next = this.#next ?? new Uint8Array();
    this.#next = undefined;
    return next;
  }

  putBack(piece: Uint8Array): void {
    this.#next = piece;
  }

  /** What is behind it may hold a file. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
