/** Decompresses zstd piece by piece, also several frames in a row: compressors, Node's too, write such archives. */
import { ZstdDecoder } from './zstd-decoder.ts';

/** Each piece, like those of the source, is valid until the next one is asked for. */
export function* decompress(source: Iterable<Uint8Array>): Generator<Uint8Array> {
  const decoder = new ZstdDecoder();
  try {
    for (const piece of source) yield* decoder.decode(piece);
    decoder.finish();
  } finally {
    decoder.close();
  }
}
