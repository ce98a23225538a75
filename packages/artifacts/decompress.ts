/** Decompresses zstd piece by piece, including consecutive frames, which compressors such as Node's write. */
import { ZstdDecoder } from './zstd-decoder.ts';

/** Each piece, like those of the source, is valid until the next one is requested. */
export function* decompress(source: Iterable<Uint8Array>): Generator<Uint8Array> {
  const decoder = new ZstdDecoder();
  try {
    for (const piece of source) yield* decoder.decode(piece);
    decoder.finish();
  } finally {
    decoder.close();
  }
}
