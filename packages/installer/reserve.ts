/** Room for a removal or a rollback on a disk that is full to the last byte: a file of ours that is given up for it. */
import { createCipheriv } from 'node:crypto';
import { KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import { stateDirectory } from './record.ts';

/** Journal, record and the engine's files, each beside its next text, take a small part of it. */
export const usualReserveBytes = 1024 * 1024;

const reserveFile = (prefix: HostPath): HostPath => `${stateDirectory(prefix)}/reserve`;

/** Nothing fails without it: where it cannot be written, the next run tries again. */
export async function makeReserve(host: Host, prefix: HostPath, bytes: number): Promise<void> {
  const info = await host.files.info(reserveFile(prefix));
  if (info?.kind === 'file' && info.size === bytes) return;
  try {
    await host.files.write(reserveFile(prefix), incompressible(bytes), { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
  }
}

/** Returns whether there was one. */
export async function giveUpReserve(host: Host, prefix: HostPath): Promise<boolean> {
  if ((await host.files.info(reserveFile(prefix))) === undefined) return false;
  await host.files.remove(reserveFile(prefix));
  return true;
}

/** What finds the disk full is undone, then tried once more with the room that was kept for it. */
export async function withReserve<T>(host: Host, prefix: HostPath, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isNoSpace(error) || !(await giveUpReserve(host, prefix))) throw error;
    return await work();
  }
}

function isNoSpace(error: unknown): boolean {
  return error instanceof KataError && error.code === 'KATA_HOST_NO_SPACE';
}

/** File systems neither store zeros nor what they can compress; and it is the same each time. */
function incompressible(bytes: number): Buffer {
  const key = Buffer.alloc(16);
  return createCipheriv('aes-128-ctr', key, key).update(Buffer.alloc(bytes));
}
