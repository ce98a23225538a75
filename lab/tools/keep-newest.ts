/** Removes old results from a folder of the cache: each change of the sources adds one. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const kept = 3;

/** The folders that are named `<prefix>-<key>`. */
export async function keepNewest(directory: string, prefix: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => new RegExp(`^${prefix}-[0-9a-f]+$`).test(name));
  const folders = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      return { path, madeMs: (await stat(path)).mtimeMs };
    }),
  );
  const old = folders.toSorted((a, b) => b.madeMs - a.madeMs).slice(kept);
  for (const { path } of old) await rm(path, { recursive: true, force: true });
}
