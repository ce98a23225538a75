/** Compares a release with its manifest. */
import { exitCodes, KataError } from '@kata/core';
import type { FileInfo, HostPath } from '@kata/host';
import type { ReleaseEntry } from './payload-tree.ts';
import { generatedDigest, idOf, type ReleaseManifest } from './release.ts';
import { hostPath, readManifest, releaseDirectory, type Store } from './store.ts';

export interface ReleaseDifference {
  readonly path: string;
  readonly component: string;
  readonly problem: 'missing' | 'kind' | 'mode' | 'owner' | 'size' | 'content' | 'target';
  readonly found: string;
  /** According to the manifest. */
  readonly expected: string;
}

/** `metadata` reads no payload file, which takes milliseconds for a release of any size. */
export type VerificationDepth = 'full' | 'metadata';

export interface VerifyReleaseOptions {
  /** Default: `full`. */
  readonly depth?: VerificationDepth;
  /** Called after each entry of the manifest. */
  readonly onProgress?: (progress: VerifyProgress) => void;
}

export interface VerifyProgress {
  readonly done: number;
  readonly of: number;
}

/** Ignores files that are not in the manifest: administrators may add some. */
export async function verifyRelease(
  store: Store,
  id: string,
  options: VerifyReleaseOptions = {},
): Promise<readonly ReleaseDifference[]> {
  const manifest = await readManifest(store, id);
  if (manifest === undefined) throw brokenRelease(id, `release ${id} has no manifest`);
  if (manifest.id !== id || idOf(manifest) !== id) {
    throw brokenRelease(id, `the manifest of release ${id} belongs to another release`);
  }
  const directory = releaseDirectory(store, id);
  const differences: ReleaseDifference[] = [];
  const generated = new Set(generatedEntries(manifest));
  const expected = [...manifest.entries, ...generated];
  for (const [i, entry] of expected.entries()) {
    const path = hostPath(directory, entry.path);
    // Generated configuration is small, and administrators edit it.
    const depth = generated.has(entry) ? 'full' : options.depth;
    const digest = async (): Promise<string | undefined> =>
      generated.has(entry) ? await digestGenerated(store, path, id) : await store.files.digest(path);
    const difference = await compareEntry(store, path, entry, { depth, digest });
    if (difference !== undefined) differences.push(difference);
    options.onProgress?.({ done: i + 1, of: expected.length });
  }
  return differences;
}

/** The compared entries: the payload, and generated files as a component of their own. */
export function expectedEntries(manifest: ReleaseManifest): readonly ReleaseEntry[] {
  return [...manifest.entries, ...generatedEntries(manifest)];
}

function generatedEntries(manifest: ReleaseManifest): readonly ReleaseEntry[] {
  if (manifest.schema === 1) return [];
  return manifest.generated.map((entry) => ({ kind: 'file', ...entry, component: 'configuration' }));
}

async function digestGenerated({ files }: Store, path: HostPath, id: string): Promise<string | undefined> {
  const content = await files.read(path);
  return content === undefined ? undefined : generatedDigest(content.toString('utf8'), id);
}

interface Comparison {
  readonly depth: VerificationDepth | undefined;
  readonly digest: () => Promise<string | undefined>;
}

async function compareEntry(
  store: Store,
  path: HostPath,
  entry: ReleaseEntry,
  { depth, digest }: Comparison,
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
  if (depth === 'metadata') return undefined;
  const sha256 = await digest();
  return sha256 === entry.sha256 ? undefined : differ('content', sha256 ?? 'nothing', entry.sha256);
}

function octal(info: FileInfo): string {
  return `0${info.mode.toString(8)}`;
}

function brokenRelease(id: string, message: string): KataError {
  return new KataError('KATA_STORE_MANIFEST', message, {
    exitCode: exitCodes.verification,
    details: { release: id },
    hint: 'install this version again: kata-deploy install --once --repair',
  });
}
