/** Node for the image: without symbols, and with its shared libraries. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { exitCodes, goArchitecture, KataError } from '@kata/core';
import type { LayerEntry } from '@kata/oci';
import { pathExists } from './path-exists.ts';
import { runTool } from './run-tool.ts';

/** The checkout's Node, stripped. */
export async function checkoutNode({
  architecture,
  checkout,
  cache,
}: {
  readonly architecture: string;
  readonly checkout: string;
  readonly cache: string;
}): Promise<string> {
  const own = goArchitecture();
  if (architecture === own) return await stripProgram(join(checkout, 'node_modules/.bin/node'), cache);
  throw new KataError('KATA_ARTIFACTS_ARCHITECTURE', `this machine has no Node for ${architecture}`, {
    exitCode: exitCodes.precondition,
    hint: `pack the image on a machine of that architecture; this one is ${own}`,
  });
}

/** Strips a program once per content; returns the path of the result. */
async function stripProgram(program: string, cache: string): Promise<string> {
  const source = await realpath(program);
  const hash = createHash('sha256');
  await pipeline(createReadStream(source), hash);
  const stripped = join(cache, 'stripped', `${hash.digest('hex').slice(0, 16)}-node`);
  if (await pathExists(stripped)) return stripped;
  await mkdir(dirname(stripped), { recursive: true });
  const unfinished = `${stripped}.${process.pid}`;
  try {
    await runTool('strip', 'binutils', ['--output-file', unfinished, source]);
    await chmod(unfinished, 0o755);
    await rename(unfinished, stripped);
  } finally {
    await rm(unfinished, { force: true });
  }
  return stripped;
}

/** The shared libraries of a program, at the paths where the loader finds them on this machine. */
export async function libraryEntries(program: string): Promise<readonly LayerEntry[]> {
  const output = await runTool('ldd', 'libc-bin', [await realpath(program)]);
  const paths = [...output.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map((match) => match[1] ?? '');
  return [...new Set(paths)]
    .toSorted()
    .map((path): LayerEntry => ({ kind: 'copy', path: path.slice(1), from: path, mode: 0o755 }));
}
