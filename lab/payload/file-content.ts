/** Content of filler files: the same for the same seed, and about as compressible as real programs. */
import { createCipheriv, createHash } from 'node:crypto';

const pageSize = 4096;

/** `randomShare`: 0.5 for programs, which compress to a half; 1 for files that are already compressed. */
export function fileContent(seed: string, size: number, randomShare = 0.5): Uint8Array {
  const randomPerPage = Math.round(pageSize * randomShare);
  const pages = Math.ceil(size / pageSize);
  const key = createHash('sha256').update(seed).digest();
  const random = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(
    Buffer.alloc(pages * randomPerPage),
  );
  if (randomPerPage === pageSize) return random.subarray(0, size);
  const content = Buffer.alloc(pages * pageSize, `${seed}\n`);
  for (let page = 0; page < pages; page += 1) {
    random.copy(content, page * pageSize, page * randomPerPage, (page + 1) * randomPerPage);
  }
  return content.subarray(0, size);
}
