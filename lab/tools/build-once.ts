/** Builds a folder of the cache once: whoever comes second waits, and a killed build leaves nothing that looks finished. */
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run, type RunOptions } from '../run.ts';

export interface BuildOnceOptions extends RunOptions {
  readonly cache: string;
  /** The finished folder; its name says its content. */
  readonly directory: string;
  /** The command that fills the folder it is given. */
  readonly command: (unfinished: string) => readonly string[];
  /** What is left to do when the command has succeeded. */
  readonly finish?: (unfinished: string) => Promise<void>;
}

/** Returns whether there was anything to build. */
export async function buildOnce(options: BuildOnceOptions): Promise<boolean> {
  const { directory } = options;
  if (await isFolder(directory)) return false;
  const unfinished = `${directory}.unfinished`;
  const lock = join(options.cache, 'locks', basename(directory));
  await mkdir(dirname(directory), { recursive: true });
  await mkdir(dirname(lock), { recursive: true });
  // The lock is held by the command's whole process tree, so a build that outlives a killed lab is waited for.
  const script = '[ -d "$1" ] && exit; rm -rf "$2"; shift 2; exec "$@"';
  const locked = ['flock', lock, 'sh', '-c', script, 'build', directory, unfinished];
  await run([...locked, ...options.command(unfinished)], options);
  if (await isFolder(directory)) return true;
  await options.finish?.(unfinished);
  await rename(unfinished, directory).catch(async (error: unknown) => {
    if (!(await isFolder(directory))) throw error;
    await rm(unfinished, { recursive: true, force: true });
  });
  return true;
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
