/** The error for a file that does not have the expected content, so that it was left as it is. */
import { exitCodes, KataError } from '@kata/core';
import type { ExpectedFile } from '../host.ts';

export const fileChangedCode = 'KATA_HOST_FILE_CHANGED';

export function fileChangedError(path: string): KataError {
  return new KataError(fileChangedCode, `another program changed ${path} in the meantime`, {
    exitCode: exitCodes.temporary,
    hint: 'the file was left as it is; run the command again',
    details: { path },
  });
}

export function isAsExpected({ content }: ExpectedFile, present: Uint8Array | undefined): boolean {
  if (content === undefined || present === undefined) return content === present;
  return Buffer.from(content).equals(present);
}
