/** The initial files of a machine in memory. */
import type { WriteOptions } from '../host.ts';
import { type Attributes, type Inode, newDirectory, newFile, newLink } from './inode.ts';

type OwnerOptions = Omit<WriteOptions, 'like'>;

/** Text or bytes, or a description. */
export type MemorySeed =
  | string
  | Uint8Array
  | ({ readonly content: string | Uint8Array } & OwnerOptions)
  | { readonly link: string }
  | ({ readonly directory: true } & OwnerOptions);

export interface Owner {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

export function planted(seed: MemorySeed, attributes: (mode: number, owner?: Owner) => Attributes): Inode {
  if (typeof seed === 'string' || seed instanceof Uint8Array) {
    return newFile(attributes(0o644), Buffer.from(seed));
  }
  if ('link' in seed) return newLink(attributes(0o777), seed.link);
  const { mode, ...owner } = seed;
  if ('directory' in seed) return newDirectory(attributes(mode ?? 0o755, owner));
  return newFile(attributes(mode ?? 0o644, owner), Buffer.from(seed.content));
}
