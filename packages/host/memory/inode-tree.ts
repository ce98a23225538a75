/** Walks through a tree of inodes. */
import { posix } from 'node:path';
import type { HostPath } from '../host.ts';
import type { Attributes, Inode } from './inode.ts';

export function parentOf(path: HostPath): HostPath {
  return posix.dirname(path) as HostPath;
}

export function namesIn(node: Inode | undefined): readonly string[] {
  return node?.kind === 'directory' ? [...node.entries.keys()].toSorted() : [];
}

/** The node itself and everything below, parents first. */
export function* walk(path: HostPath, node: Inode): Generator<[HostPath, Inode]> {
  yield [path, node];
  if (node.kind !== 'directory') return;
  for (const [name, child] of node.entries) yield* walk(posix.join(path, name) as HostPath, child);
}

export function isSame(existing: Inode, content: Uint8Array, { mode, uid, gid }: Attributes): boolean {
  const { attributes } = existing;
  return (
    existing.kind === 'file' &&
    existing.content.equals(content) &&
    attributes.mode === mode &&
    attributes.uid === uid &&
    attributes.gid === gid
  );
}
