/** Reads and writes files piece by piece. */
import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { unlessAbsent } from './absent.ts';

const pieceSize = 1024 * 1024;

/** The file must not exist, and is removed again when its content breaks off. Not durable. */
export async function streamToFile(
  path: string,
  content: AsyncIterable<Uint8Array>,
  mode: number,
): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    for await (const piece of content) await writeAll(handle, piece);
    await handle.chmod(mode);
  } catch (error) {
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Undefined when there is no file. */
export async function digestFile(path: string): Promise<string | undefined> {
  const handle = await unlessAbsent(open(path, 'r'));
  if (handle === undefined) return undefined;
  try {
    const hash = createHash('sha256');
    const stream = handle.createReadStream({ highWaterMark: pieceSize, autoClose: false });
    for await (const piece of stream) hash.update(piece as Buffer);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

/** One write may take only a part. */
async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let offset = 0; offset < piece.byteLength;) {
    const { bytesWritten } = await handle.write(piece, offset);
    offset += bytesWritten;
  }
}
