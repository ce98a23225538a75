/** Reads the user's verification pod from a file. */
import { readFile } from 'node:fs/promises';
import { exitCodes, KataError } from '@kata/core';

/** @throws KataError `KATA_LIFECYCLE_PARAMETER` */
export async function readPodFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new KataError('KATA_LIFECYCLE_PARAMETER', `cannot read the verification pod from "${file}"`, {
      exitCode: exitCodes.usage,
      hint: 'give the path of a file with the YAML of one Pod: --verification-pod FILE',
      cause,
    });
  }
}
