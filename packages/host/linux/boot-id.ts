/** Which boot of the machine this is. */
import { readFile } from 'node:fs/promises';
import { fileError } from '../files/file-error.ts';

/** The kernel's own, so the same in every container of the machine. */
const bootIdFile = '/proc/sys/kernel/random/boot_id';

export async function readBootId(): Promise<string> {
  try {
    return (await readFile(bootIdFile, 'utf8')).trim();
  } catch (error) {
    throw fileError('read', bootIdFile, error);
  }
}
