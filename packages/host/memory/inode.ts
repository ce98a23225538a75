/** The parts of a disk in memory: directories, files and links. */

export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedMs: number;
}

interface Counted {
  attributes: Attributes;
  /** Number of its names. */
  linkCount: number;
}

export interface FileInode extends Counted {
  readonly kind: 'file';
  content: Buffer;
  /** The durable state. */
  synced: { readonly attributes: Attributes; readonly content: Buffer };
}

export interface DirectoryInode extends Counted {
  readonly kind: 'directory';
  readonly entries: Map<string, Inode>;
  readonly synced: { attributes: Attributes; readonly entries: Map<string, Inode> };
}

export interface LinkInode extends Counted {
  readonly kind: 'link';
  readonly target: string;
}

export type Inode = FileInode | DirectoryInode | LinkInode;

export function newFile(attributes: Attributes, content: Buffer = Buffer.alloc(0)): FileInode {
  return { kind: 'file', attributes, content, linkCount: 0, synced: { attributes, content } };
}

export function newDirectory(attributes: Attributes): DirectoryInode {
  const synced = { attributes, entries: new Map() };
  return { kind: 'directory', attributes, entries: new Map(), linkCount: 0, synced };
}

export function newLink(attributes: Attributes, target: string): LinkInode {
  return { kind: 'link', attributes, target, linkCount: 0 };
}
