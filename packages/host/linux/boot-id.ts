/** Identifies the current boot of the machine. */
import { readFile } from 'node:fs/promises';
import { fileError } from '../files/file-error.ts';

/** Of the kernel, so the same in every container of the machine. */
const bootIdFile = '/proc/sys/kernel/random/boot_id';

export async function readBootId(): Promise<string> {
  try {
    return (await readFile(bootIdFile, 'utf8')).trim();
  } catch (error) {
    throw fileError('read', bootIdFile, error);
  }
}
