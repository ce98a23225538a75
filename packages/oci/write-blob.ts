/** Writes a blob of an image, compressed or not; its name is the digest of the written bytes. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { compress } from './compress.ts';

export interface WrittenBlob {
  /** Of the bytes in the file, `sha256:…` */
  readonly digest: string;
  readonly size: number;
  /** Of the content before compression. */
  readonly contentDigest: string;
}

/** Without `zstdLevel` the bytes are not compressed. One version of Node gives the same bytes for the same content. */
export async function writeBlob(
  directory: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  zstdLevel?: number,
): Promise<WrittenBlob> {
  const unnamed = join(directory, `${randomUUID()}.unfinished`);
  const before = new Measure();
  const after = new Measure();
  const file = createWriteStream(unnamed, { highWaterMark: 2 ** 22 });
  try {
    if (zstdLevel === undefined) await pipeline(after.pass(content), file);
    else await pipeline(after.pass(compress(before.pass(content), zstdLevel)), file);
    const name = after.hash.digest('hex');
    const contentName = zstdLevel === undefined ? name : before.hash.digest('hex');
    await rename(unnamed, join(directory, name));
    return { digest: `sha256:${name}`, size: after.size, contentDigest: `sha256:${contentName}` };
  } finally {
    await rm(unnamed, { force: true });
  }
}

class Measure {
  readonly hash = createHash('sha256');
  size = 0;

  async *pass(content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      this.hash.update(chunk);
      this.size += chunk.length;
      yield chunk;
    }
  }
}
