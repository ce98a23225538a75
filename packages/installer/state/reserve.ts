/** Room for a removal or a rollback on a disk that is full to the last byte or inode: files of ours that are given up for it. */
import { createCipheriv } from 'node:crypto';
import { KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import { stateDirectory } from './record.ts';

/** Journal, record and the engine's files, each beside its next text, take a small part of it. */
export const defaultReserveBytes = 1024 * 1024;
/** Each is an inode, too: the record of before, the journal, and one file or link at a time beside its next. */
const parts = [0, 1, 2, 3] as const;

const reserve = (prefix: HostPath): HostPath => `${stateDirectory(prefix)}/reserve`;

/** Nothing fails without it: where it cannot be written, the next run tries again. */
export async function makeReserve({ files }: Host, prefix: HostPath, bytes: number): Promise<void> {
  const size = bytes / parts.length;
  try {
    if ((await files.info(reserve(prefix))) === undefined) await files.makeDirectory(reserve(prefix), 0o700);
    for (const part of parts) {
      const path: HostPath = `${reserve(prefix)}/${part}`;
      if ((await files.info(path))?.size === size) continue;
      await files.write(path, incompressible(size, part), { mode: 0o600 });
    }
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
  }
}

/** Returns whether there was one. */
export async function releaseReserve({ files }: Host, prefix: HostPath): Promise<boolean> {
  if ((await files.info(reserve(prefix))) === undefined) return false;
  await files.removeTree(reserve(prefix));
  return true;
}

/** What finds the disk full is undone, then tried once more with the room that was kept for it. */
export async function withReserve<T>(host: Host, prefix: HostPath, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isNoSpace(error) || !(await releaseReserve(host, prefix))) throw error;
    return await work();
  }
}

function isNoSpace(error: unknown): boolean {
  return error instanceof KataError && error.code === 'KATA_HOST_NO_SPACE';
}

/** File systems neither store zeros nor what they can compress or have already; and it is the same each time. */
function incompressible(bytes: number, part: number): Buffer {
  const key = Buffer.alloc(16, part);
  return createCipheriv('aes-128-ctr', key, key).update(Buffer.alloc(bytes));
}
