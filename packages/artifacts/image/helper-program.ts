/** The static helper, built once per content of its source. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildHelper } from '@kata/host';
import { pathExists } from './path-exists.ts';

/** Returns its path. */
export async function helperProgram(checkout: string, cache: string): Promise<string> {
  const folder = join(checkout, 'packages/host/helper');
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).toSorted()) {
    if (/\.[ch]$/.test(name)) hash.update(await readFile(join(folder, name)));
  }
  const key = hash.digest('hex').slice(0, 16);
  const program = join(cache, 'helper', key, 'kata-helper');
  if (await pathExists(program)) return program;
  await mkdir(dirname(program), { recursive: true });
  await buildHelper({ output: program });
  return program;
}
