/** Creates a directory and its missing parents, durably. */
import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError } from '../files/file-error.ts';
import { unlessAbsent } from './absent.ts';
import { syncDirectory } from './replace-file.ts';

const parentMode = 0o755;

/** An existing directory keeps its mode. Returns the directories that were missing. */
export async function makeDirectories(path: string, mode: number): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let current = path; !(await isDirectory(current)); current = dirname(current))
    missing.unshift(current);
  for (const directory of missing) {
    await makeOne(directory, directory === path ? mode : parentMode);
    await syncDirectory(dirname(directory));
  }
  return missing;
}

async function makeOne(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, mode);
    // The umask may have cleared bits, and the sync of the parent does not guarantee the mode.
    if (((await stat(path)).mode & 0o7777) === mode) return;
    await chmod(path, mode);
    await syncDirectory(path);
  } catch (error) {
    const wasFirst = isSystemError(error) && error.code === 'EEXIST' && (await isDirectory(path));
    if (!wasFirst) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await unlessAbsent(stat(path)))?.isDirectory() ?? false;
}
