/** Compresses with zstd: the same content gives the same bytes, whatever the size and timing of its pieces. */
import { constants, createZstdCompress, type ZstdCompress } from 'node:zlib';

const pieceSize = 2 ** 17;

type Content = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export async function* compress(content: Content, level: number): AsyncGenerator<Uint8Array> {
  const engine = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: level } });
  const feeding = feed(engine, content).catch((error: unknown) => {
    engine.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  for await (const piece of engine) yield piece as Uint8Array;
  await feeding;
}

/** The compressor may start a block at the end of a piece, so their sizes are fixed. A piece is valid until the next one. */
async function* inEqualPieces(content: Content): AsyncGenerator<Uint8Array> {
  const memory = Buffer.allocUnsafe(pieceSize);
  let length = 0;
  for await (const piece of content) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + pieceSize - length);
      memory.set(part, length);
      length += part.length;
      at += part.length;
      if (length < pieceSize) continue;
      yield memory;
      length = 0;
    }
  }
  if (length > 0) yield memory.subarray(0, length);
}

/** Waits for each write: otherwise timing would decide whether Node ends the frame together with the last piece. */
async function feed(engine: ZstdCompress, content: Content): Promise<void> {
  for await (const piece of inEqualPieces(content)) {
    await new Promise<void>((resolve, reject) => {
      engine.write(piece, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
  engine.end();
}
