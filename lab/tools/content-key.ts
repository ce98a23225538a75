/** The key of a build: a digest of all of its inputs. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export function contentKey(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 16);
}

/** Path and content of every file below a folder that matches, in a stable order. */
export async function readSources(
  directory: string,
  matches: (path: string) => boolean,
): Promise<readonly string[]> {
  const paths = (await readdir(directory, { recursive: true })).filter(matches).toSorted();
  const parts: string[] = [];
  for (const path of paths) parts.push(path, await readFile(join(directory, path), 'utf8'));
  return parts;
}
