/** Describes an existing tree as if it were a release. */
import {
  isReleasePath,
  isSafeLinkTarget,
  payloadId,
  type ReleaseEntry,
  type ReleaseManifest,
  type Store,
} from '@kata/artifacts';
import { exitCodes, KataError } from '@kata/core';
import type { FileInfo, HostFiles, HostPath } from '@kata/host';
import { posix } from 'node:path';

/** Something below the installation, parents first. */
export interface TreeNode {
  /** Relative to the installation. */
  readonly path: string;
  readonly info: FileInfo;
}

const component = 'adopted';

/** Leaves out what a manifest does not support: files that root does not own, links out of the tree. */
export async function describeTree(
  { files, prefix }: Store,
  names: readonly string[],
  architecture: string,
): Promise<ReleaseManifest> {
  const entries: ReleaseEntry[] = [];
  for await (const { path, info } of walkTree(files, prefix, names)) {
    const isRoots = info.uid === 0 && info.gid === 0;
    if (!isRoots || !isReleasePath(path)) continue;
    const entry = await describeNode(files, prefix, { path, info });
    if (entry !== undefined) entries.push(entry);
  }
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const version = versionOf((await files.read(`${prefix}/VERSION`))?.toString('utf8'));
  return { schema: 1, id: payloadId(version, sorted), version, architecture, entries: sorted };
}

export async function* walkTree(
  files: HostFiles,
  prefix: HostPath,
  names: readonly string[],
): AsyncGenerator<TreeNode> {
  for (const path of names) {
    const info = await files.info(`${prefix}/${path}`);
    if (info === undefined) continue;
    if (info.kind === 'other') throw unknownKind(`${prefix}/${path}`);
    yield { path, info };
    if (info.kind !== 'directory') continue;
    const below = await files.list(`${prefix}/${path}`);
    yield* walkTree(
      files,
      prefix,
      below.map((name) => `${path}/${name}`),
    );
  }
}

/** Absolute links into the installation become relative, so that they stay in their release. */
export function linkTarget(prefix: HostPath, { path, info }: TreeNode): string {
  const { target = '' } = info;
  if (target !== prefix && !target.startsWith(`${prefix}/`)) return target;
  return posix.relative(posix.dirname(`${prefix}/${path}`), target) || '.';
}

async function describeNode(
  files: HostFiles,
  prefix: HostPath,
  node: TreeNode,
): Promise<ReleaseEntry | undefined> {
  const { path, info } = node;
  const { mode, size } = info;
  if (info.kind === 'link') {
    const target = linkTarget(prefix, node);
    return isSafeLinkTarget(path, target) ? { kind: 'link', path, target, component } : undefined;
  }
  if (mode > 0o777) return undefined;
  if (info.kind === 'directory') return { kind: 'directory', path, mode, component };
  const sha256 = await files.digest(`${prefix}/${path}`);
  return sha256 === undefined ? undefined : { kind: 'file', path, mode, size, sha256, component };
}

/** The content of the file when it can be a part of an id, else `unknown`. */
function versionOf(text: string | undefined): string {
  const [, version] = /^\s*v?([0-9A-Za-z][0-9A-Za-z.+_-]{0,53})\s*$/.exec(text ?? '') ?? [];
  return version ?? 'unknown';
}

function unknownKind(path: HostPath): KataError {
  return new KataError('KATA_INSTALLER_FOREIGN', `${path} is neither a file, a directory nor a link`, {
    exitCode: exitCodes.conflict,
    hint: 'remove it and try again',
    details: { path },
  });
}
