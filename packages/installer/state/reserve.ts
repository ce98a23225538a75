/** Files that reserve space and inodes: they are deleted so that a removal or a rollback can run on a full disk. */
import { createCipheriv } from 'node:crypto';
import { KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import { stateDirectory } from './record.ts';

/** Journal, record and the engine's files, each next to its next text, need a small part of it. */
export const defaultReserveBytes = 1024 * 1024;
/** Each is also an inode: for the backup of the record, the journal, and one file or link at a time next to its replacement. */
const parts = [0, 1, 2, 3] as const;

const reserve = (prefix: HostPath): HostPath => `${stateDirectory(prefix)}/reserve`;

/** Best effort: where it cannot be written, the next run tries again. */
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

/** When `work` fails because the disk is full, it is rolled back and tried once more without the reserve. */
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

/** File systems do not allocate space for zeros, or compress and deduplicate; so the bytes look random, and are the same each time. */
function incompressible(bytes: number, part: number): Buffer {
  const key = Buffer.alloc(16, part);
  return createCipheriv('aes-128-ctr', key, key).update(Buffer.alloc(bytes));
}
