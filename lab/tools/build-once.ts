/** Builds a folder of the cache once: a second process waits, and a killed build leaves nothing that looks complete. */
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run, type RunOptions } from '../run.ts';

export interface BuildOnceOptions extends RunOptions {
  readonly cache: string;
  /** The finished folder; its name contains the key of its content. */
  readonly directory: string;
  /** The command that fills the folder it is given. */
  readonly command: (unfinished: string) => readonly string[];
  /** Links to make in the folder when the command has succeeded, by name. */
  readonly links?: Readonly<Record<string, string>>;
}

/** False when the folder already existed. */
export async function buildOnce(options: BuildOnceOptions): Promise<boolean> {
  const { directory } = options;
  if (await isFolder(directory)) return false;
  const unfinished = `${directory}.unfinished`;
  const lock = join(options.cache, 'locks', basename(directory));
  await mkdir(dirname(directory), { recursive: true });
  await mkdir(dirname(lock), { recursive: true });
  const links = Object.entries(options.links ?? {}).flat();
  const command = options.command(unfinished);
  const words = [directory, unfinished, String(links.length / 2), ...links, ...command];
  // The whole process tree of the command holds the lock: the next lab waits for a build that outlives a killed lab.
  await run(['flock', lock, 'sh', '-c', lockedBuild, 'build', ...words], options);
  return true;
}

/** A process that gets the lock must see no incomplete folder, and must not build a complete one again. */
const lockedBuild = `
  final=$1 unfinished=$2 links=$3; shift 3
  [ -d "$final" ] && exit 0
  rm -rf "$unfinished"
  made=
  while [ "$links" -gt 0 ]; do made="$made $1 $2"; shift 2; links=$((links-1)); done
  "$@" || exit
  [ -d "$final" ] && exit 0
  set -- $made
  while [ $# -gt 0 ]; do ln -s "$2" "$unfinished/$1"; shift 2; done
  mv "$unfinished" "$final"`;

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
