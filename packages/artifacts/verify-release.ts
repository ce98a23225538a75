/** Reads a release again and says where it differs from its own manifest. */
import { exitCodes, KataError } from '@kata/core';
import type { FileInfo, HostPath } from '@kata/host';
import { type ReleaseEntry, releaseId } from './release.ts';
import { hostPath, readManifest, releaseDirectory, type Store } from './store.ts';

export interface ReleaseDifference {
  readonly path: string;
  readonly component: string;
  readonly problem: 'missing' | 'kind' | 'mode' | 'owner' | 'size' | 'content' | 'target';
  /** What was found instead, and what the manifest says. */
  readonly found: string;
  readonly expected: string;
}

export interface VerifyReleaseOptions {
  /** `at a glance` reads no content, which takes milliseconds for a release of any size. */
  readonly depth?: 'content' | 'at a glance';
  /** Called after each entry of the manifest. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  readonly done: number;
  readonly of: number;
}

/** Files that are not in the manifest are none of its business: generated configuration stands beside it. */
export async function verifyRelease(
  store: Store,
  id: string,
  options: VerifyReleaseOptions = {},
): Promise<readonly ReleaseDifference[]> {
  const manifest = await readManifest(store, id);
  if (manifest === undefined) throw brokenRelease(id, `release ${id} has no manifest`);
  if (manifest.id !== id || releaseId(manifest.version, manifest.entries) !== id) {
    throw brokenRelease(id, `the manifest of release ${id} belongs to another release`);
  }
  const directory = releaseDirectory(store, id);
  const differences: ReleaseDifference[] = [];
  for (const [i, entry] of manifest.entries.entries()) {
    const difference = await compareEntry(store, hostPath(directory, entry.path), entry, options.depth);
    if (difference !== undefined) differences.push(difference);
    options.onProgress?.({ done: i + 1, of: manifest.entries.length });
  }
  return differences;
}

async function compareEntry(
  store: Store,
  path: HostPath,
  entry: ReleaseEntry,
  depth: VerifyReleaseOptions['depth'],
): Promise<ReleaseDifference | undefined> {
  const differ = (
    problem: ReleaseDifference['problem'],
    found: string | number,
    expected: string | number,
  ): ReleaseDifference => ({
    path: entry.path,
    component: entry.component,
    problem,
    found: String(found),
    expected: String(expected),
  });
  const info = await store.files.info(path);
  if (info === undefined) return differ('missing', 'nothing', entry.kind);
  if (info.kind !== entry.kind) return differ('kind', info.kind, entry.kind);
  if (info.uid !== 0 || info.gid !== 0) return differ('owner', `${info.uid}:${info.gid}`, '0:0');
  if (entry.kind === 'link') {
    return info.target === entry.target ? undefined : differ('target', info.target ?? '', entry.target);
  }
  if (info.mode !== entry.mode) return differ('mode', octal(info), `0${entry.mode.toString(8)}`);
  if (entry.kind === 'directory') return undefined;
  if (info.size !== entry.size) return differ('size', info.size, entry.size);
  if (depth === 'at a glance') return undefined;
  const sha256 = await store.files.digest(path);
  return sha256 === entry.sha256 ? undefined : differ('content', sha256 ?? 'nothing', entry.sha256);
}

function octal(info: FileInfo): string {
  return `0${info.mode.toString(8)}`;
}

function brokenRelease(id: string, message: string): KataError {
  return new KataError('KATA_STORE_MANIFEST', message, {
    exitCode: exitCodes.verification,
    details: { release: id },
    hint: 'install the version again',
  });
}
