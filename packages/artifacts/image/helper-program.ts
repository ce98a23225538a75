/** The static helper, built once per content of its source. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildHelper } from '@kata/host';
import { isThere } from './is-there.ts';

/** Returns where the program is. */
export async function helperProgram(checkout: string, cache: string): Promise<string> {
  const source = await readFile(join(checkout, 'packages/host/helper/kata-helper.c'));
  const key = createHash('sha256').update(source).digest('hex').slice(0, 16);
  const program = join(cache, 'helper', key, 'kata-helper');
  if (await isThere(program)) return program;
  await mkdir(dirname(program), { recursive: true });
  await buildHelper({ output: program });
  return program;
}
