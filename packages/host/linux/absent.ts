/** A missing file is an expected outcome, not an error. */
import { isSystemError } from '../files/file-error.ts';

/** Undefined when the file, or the directory it would be in, does not exist. */
export async function unlessAbsent<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
    throw error;
  }
}
