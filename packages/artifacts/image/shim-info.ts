/** Runs the shims of a payload with `-info`, as containerd does, so that an upgrade can tell whether the output changed. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { type Archive, readArchive } from '../archive.ts';
import type { PayloadManifest } from '../payload.ts';

const shimPattern = /(^|\/)bin\/containerd-shim-kata-v2$/;
const timeoutMs = 30_000;

/** Digests of the output by path of the shim; shims that this machine cannot run are left out. */
export async function readShimInfo(
  payload: PayloadManifest,
  archives: readonly Archive[],
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const component of payload.components) {
    const archive = archives.find((other) => other.component === component.name);
    const paths = component.entries.map((entry) => entry.path).filter((path) => shimPattern.test(path));
    if (archive !== undefined && paths.length > 0)
      Object.assign(found, await readFromArchive(archive, paths));
  }
  return found;
}

async function readFromArchive(archive: Archive, paths: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const directory = await mkdtemp(join(tmpdir(), 'kata-shim-'));
  try {
    await unpackFiles(archive, directory);
    for (const path of paths) {
      const answer = await runShim(join(directory, path));
      if (answer !== undefined) found[path] = answer;
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return found;
}

async function runShim(path: string): Promise<string | undefined> {
  const answer = await execa(path, ['-info'], {
    encoding: 'buffer',
    reject: false,
    input: '',
    timeout: timeoutMs,
  });
  return answer.failed ? undefined : createHash('sha256').update(answer.stdout).digest('hex');
}

async function unpackFiles(archive: Archive, directory: string): Promise<void> {
  for (const entry of readArchive(archive)) {
    if (entry.kind !== 'file') continue;
    const path = join(directory, entry.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, entry.content, { mode: entry.mode });
  }
}
