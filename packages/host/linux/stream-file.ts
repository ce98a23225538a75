/** Reads and writes files piece by piece in the calling thread: another thread costs more than most pieces. */
import { createHash } from 'node:crypto';
import { type BigIntStats, readSync, writeSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { EventLoopYield } from '@kata/core';
import { unlessAbsent } from './absent.ts';

/** Reused: its content is valid until the next await. */
const memory = Buffer.allocUnsafeSlow(2 ** 20);

export interface StreamedFile {
  /** Still open. */
  readonly handle: FileHandle;
  /** In bytes. */
  readonly size: number;
  readonly info: BigIntStats;
}

/** The file must not exist, and is removed again when its content fails. Not durable. */
export async function streamToFile(
  path: string,
  content: Iterable<Uint8Array>,
  mode: number,
): Promise<StreamedFile> {
  const handle = await open(path, 'wx', 0o600);
  const eventLoop = new EventLoopYield();
  let size = 0;
  try {
    for (const piece of content) {
      writeAll(handle, piece);
      size += piece.byteLength;
      await eventLoop.yieldIfDue();
    }
    await handle.chmod(mode);
    return { handle, size, info: await handle.stat({ bigint: true }) };
  } catch (error) {
    await handle.close();
    await rm(path, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Undefined when there is no file. */
export async function digestFile(path: string): Promise<string | undefined> {
  const handle = await unlessAbsent(open(path, 'r'));
  if (handle === undefined) return undefined;
  const eventLoop = new EventLoopYield();
  try {
    const hash = createHash('sha256');
    for (let read = readSync(handle.fd, memory); read > 0; read = readSync(handle.fd, memory)) {
      hash.update(memory.subarray(0, read));
      await eventLoop.yieldIfDue();
    }
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

/** One write may write only a part. */
function writeAll({ fd }: FileHandle, piece: Uint8Array): void {
  for (let offset = 0; offset < piece.byteLength;) offset += writeSync(fd, piece, offset);
}
