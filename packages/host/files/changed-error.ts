/** Says that a file is not what it was taken for, so nothing was done to it. */
import { exitCodes, KataError } from '@kata/core';
import type { ExpectedFile } from '../host.ts';

export const fileChangedCode = 'KATA_HOST_FILE_CHANGED';

export function fileChangedError(path: string): KataError {
  return new KataError(fileChangedCode, `${path} was changed by something else in the meantime`, {
    exitCode: exitCodes.temporary,
    hint: 'try again: nothing was done to it',
    details: { path },
  });
}

export function isAsExpected({ content }: ExpectedFile, present: Uint8Array | undefined): boolean {
  if (content === undefined || present === undefined) return content === present;
  return Buffer.from(content).equals(present);
}
