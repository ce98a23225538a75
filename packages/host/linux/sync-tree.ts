/** Makes all files and directories of a tree durable, one by one. */
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory, syncFile } from './replace-file.ts';

/** Some calls prepare while others wait for the disk; more than Node's threads would only queue. */
const concurrency = 4;

/** Does not follow links; only files and directories need a sync. */
export async function syncTree(path: string): Promise<void> {
  const entries = (await treeOf(path)).values();
  const worker = async (): Promise<void> => {
    for (const sync of entries) await sync();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  await syncDirectory(dirname(path));
}

async function treeOf(path: string): Promise<readonly (() => Promise<void>)[]> {
  const info = await lstat(path);
  if (info.isFile()) return [async () => await syncFile(path)];
  if (!info.isDirectory()) return [];
  const below = await readdir(path, { withFileTypes: true, recursive: true });
  return [
    async () => await syncDirectory(path),
    ...below.flatMap((entry) => {
      const child = join(entry.parentPath, entry.name);
      if (entry.isFile()) return [async () => await syncFile(child)];
      return entry.isDirectory() ? [async () => await syncDirectory(child)] : [];
    }),
  ];
}
