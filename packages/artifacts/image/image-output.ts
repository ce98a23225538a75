/** The folder of an image layout: an existing layout is replaced when the new one is complete. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { exitCodes, KataError } from '@kata/core';
import { pathExists } from './path-exists.ts';

/** Only an image layout or an empty directory may be replaced. */
export async function checkOutput(output: string): Promise<void> {
  const names = await readdir(output).catch(() => undefined);
  if (names === undefined) {
    if (!(await pathExists(output))) return;
  } else if (names.length === 0 || names.includes('oci-layout')) {
    return;
  }
  throw new KataError('KATA_ARTIFACTS_OUTPUT', `${output} exists and is not an image layout`, {
    exitCode: exitCodes.usage,
    hint: 'give a directory that does not exist yet',
  });
}

/** `write` fills the folder that it is given. */
export async function replaceOutput<T>(output: string, write: (directory: string) => Promise<T>): Promise<T> {
  const unfinished = `${output}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(dirname(output), { recursive: true });
  const made = await write(unfinished);
  await rm(output, { recursive: true, force: true });
  await rename(unfinished, output);
  return made;
}

export function megabytes(layers: readonly { readonly size: number }[]): number {
  return Math.round(layers.reduce((sum, layer) => sum + layer.size, 0) / 1e6);
}
