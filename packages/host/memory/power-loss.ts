/** The content of a disk after a power loss: everything durable, and any part of the rest. */
import { type Attributes, type DirectoryInode, type FileInode, type Inode, newDirectory } from './inode.ts';

/** One name in one directory gets another inode. */
export interface EntryChange {
  readonly directory: DirectoryInode;
  readonly name: string;
  readonly before: Inode | undefined;
  readonly after: Inode | undefined;
}

/** Atomic; durable when each of its directories was synced. */
export interface Transaction {
  readonly changes: readonly EntryChange[];
  readonly unsynced: Set<DirectoryInode>;
}

/** Chooses one of `count` outcomes; 0 is always "not happened yet". */
export type PowerLossChoice = (count: number) => number;

type Names = Map<string, Inode>;

export function afterPowerLoss(
  root: DirectoryInode,
  pending: readonly Transaction[],
  choose: PowerLossChoice,
): DirectoryInode {
  const found = new Map<DirectoryInode, Names>();
  const namesIn = (directory: DirectoryInode): Names => {
    const names = found.get(directory) ?? new Map(directory.synced.entries);
    found.set(directory, names);
    return names;
  };
  for (const { changes, unsynced } of pending) {
    // A directory that a file was moved out of must have had it.
    const isPossible = changes.every(
      ({ directory, name, before, after }) => after !== undefined || namesIn(directory).get(name) === before,
    );
    if (unsynced.size > 0 && (!isPossible || choose(2) === 0)) continue;
    for (const { directory, name, after } of changes) {
      if (after === undefined) namesIn(directory).delete(name);
      else namesIn(directory).set(name, after);
    }
  }
  return copyDirectory(root, { namesIn, choose, copies: new Map() });
}

interface Copying {
  readonly namesIn: (directory: DirectoryInode) => Names;
  readonly choose: PowerLossChoice;
  /** A file with two names stays one file. */
  readonly copies: Map<Inode, Inode>;
}

function copyDirectory(directory: DirectoryInode, copying: Copying): DirectoryInode {
  const copy = newDirectory(survivingAttributes(directory, copying.choose));
  for (const [name, inode] of copying.namesIn(directory)) {
    const child = copyInode(inode, copying);
    child.linkCount += 1;
    copy.entries.set(name, child);
    copy.synced.entries.set(name, child);
  }
  return copy;
}

function copyInode(inode: Inode, copying: Copying): Inode {
  if (inode.kind === 'directory') return copyDirectory(inode, copying);
  const known = copying.copies.get(inode);
  if (known !== undefined) return known;
  const copy = inode.kind === 'link' ? { ...inode, linkCount: 0 } : survivingFile(inode, copying.choose);
  copying.copies.set(inode, copy);
  return copy;
}

function survivingFile(file: FileInode, choose: PowerLossChoice): FileInode {
  const attributes = survivingAttributes(file, choose);
  const content = survivingContent(file, choose);
  return { kind: 'file', attributes, content, linkCount: 0, synced: { attributes, content } };
}

function survivingAttributes(inode: FileInode | DirectoryInode, choose: PowerLossChoice): Attributes {
  const { attributes, synced } = inode;
  return attributes === synced.attributes || choose(2) === 0 ? synced.attributes : attributes;
}

/** As before, as written, truncated, or full of zeros. */
function survivingContent({ content, synced }: FileInode, choose: PowerLossChoice): Buffer {
  if (content === synced.content) return content;
  const outcome = choose(4);
  if (outcome === 0) return synced.content;
  if (outcome === 1) return content;
  return outcome === 2 ? content.subarray(0, content.length / 2) : Buffer.alloc(content.length);
}
