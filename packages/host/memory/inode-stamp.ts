/** Detects changes of a file in memory: see `FileStamp`. */
import type { FileStamp } from '../host.ts';
import type { Inode } from './inode.ts';

const numbers = new WeakMap<object, number>();
let count = 0;

export function stampOf(inode: Inode): FileStamp {
  const content = inode.kind === 'file' ? inode.content : inode;
  const { attributes, linkCount } = inode;
  return {
    content: `${numberOf(inode)}:${numberOf(content)}:${attributes.modifiedMs}`,
    change: `${numberOf(attributes)}:${linkCount}`,
    changedMs: attributes.modifiedMs,
  };
}

/** Content and attributes are replaced as a whole when they change. */
function numberOf(object: object): number {
  const known = numbers.get(object);
  if (known !== undefined) return known;
  count += 1;
  numbers.set(object, count);
  return count;
}
