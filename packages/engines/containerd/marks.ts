/**
 * Comments on lines that we add to files of others, beside handlers: so any installation that is the last to need such a
 * line can take it out again, byte for byte, whoever added it and whoever edited the file since.
 */
import { isTable, TomlDocument, type TomlTable } from '@kata/toml';
import type { EngineContext } from '../contract.ts';

const added = '# by kata-deploy';
const level = ['debug', 'level'] as const;

/** What a line was made of, the installations that want it, and what it was before if there was one. */
const levelLine = /^(.*?) # by kata-deploy for ([a-z0-9-]+(?:, [a-z0-9-]+)*)(?:; before: (.*?))?(\r?)$/m;

/** Marks each line of `after` that `before` does not have; one block of lines was put in. */
export function markAdded(before: string, after: string, mark: string = added): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const head = countSame(old, now);
  const tail = countSame(old.slice(head).toReversed(), now.slice(head).toReversed());
  return now
    .map((line, i) => {
      const isOld =
        i < head || i >= now.length - tail || line.trim() === '' || line.trimStart().startsWith('#');
      return isOld ? line : line.replace(/\r?$/, (end) => ` ${mark}${end}`);
    })
    .join('\n');
}

/** Whether the line on which this begins was added by an installation, whichever. */
export function isMarked(text: string, start: string): boolean {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .some((line) => line.startsWith(start) && line.endsWith(added));
}

/** Takes out the list of imports that an installation added, when nothing is left in it. */
export function dropEmptyImports(document: TomlDocument, file: string): TomlDocument {
  const found = /^(\uFEFF?)imports = \[\] # by kata-deploy\r?\n(\r?\n)?/.exec(document.text);
  // At the top it was put in with an empty line below, which `delete` would leave.
  if (found !== null) {
    return TomlDocument.parse(`${found[1] ?? ''}${document.text.slice(found[0].length)}`, file);
  }
  return isMarked(document.text, 'imports = []') ? document.delete(['imports']) : document;
}

export function ownerName({ suffix }: Pick<EngineContext, 'suffix'>): string {
  return suffix === '' ? 'kata-deploy' : `kata-deploy-${suffix}`;
}

/** Whether this installation wants containerd to log for debugging, as the text says. */
export function wantsDebug(text: string, owner: string): boolean {
  return levelLine.exec(text)?.[2]?.split(', ').includes(owner) === true;
}

/** A level for debugging that somebody else chose is left as it is. */
export function addDebug(document: TomlDocument, owner: string, file: string): TomlDocument {
  const { text } = document;
  const marked = levelLine.exec(text);
  if (marked !== null) {
    const owners = marked[2]?.split(', ') ?? [];
    return owners.includes(owner) ? document : withOwners(text, [...owners, owner], file);
  }
  const present = document.get(level);
  if (present === 'debug' || present === 'trace') return document;
  const edited = document.set(level, 'debug').text;
  if (present !== undefined) return TomlDocument.parse(markChanged(text, edited, owner), file);
  // The header is plainly ours; the level says who wants it.
  const both = markAdded(text, edited);
  return TomlDocument.parse(
    both.replace(/^((?:.*\blevel\b).*"debug".*) # by kata-deploy(\r?)$/m, `$1 ${added} for ${owner}$2`),
    file,
  );
}

/** Brings back what was there before when no other installation wants it. */
export function dropDebug(document: TomlDocument, owner: string, file: string): TomlDocument {
  const { text } = document;
  const marked = levelLine.exec(text);
  const owners = marked?.[2]?.split(', ') ?? [];
  if (marked === null || !owners.includes(owner)) return document;
  const others = owners.filter((each) => each !== owner);
  if (others.length > 0) return withOwners(text, others, file);
  const before = marked[3];
  if (before !== undefined) {
    const line = `${before}${marked[4] ?? ''}`;
    return TomlDocument.parse(replaceAt(text, marked.index, marked[0].length, line), file);
  }
  const without = document.delete(level);
  const left = without.get(['debug']);
  const isOurTable = isMarked(text, '[debug]') && (!isTable(left) || Object.keys(left).length === 0);
  if (!isOurTable) return without;
  return document.delete(['debug']);
}

/** What is left when all that is marked as added is not counted. */
export function isMarkedOnly(text: string, value: TomlTable): boolean {
  return Object.keys(value).every((key) => key === 'version') && isMarked(text, 'version = ');
}

function withOwners(text: string, owners: readonly string[], file: string): TomlDocument {
  const changed = text.replace(
    levelLine,
    (_line, start: string, _owners: string, before: string | undefined, end: string) => {
      const past = before === undefined ? '' : `; before: ${before}`;
      return `${start} ${added} for ${owners.join(', ')}${past}${end}`;
    },
  );
  return TomlDocument.parse(changed, file);
}

/** The one line that differs says what it was. */
function markChanged(before: string, after: string, owner: string): string {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return now
    .map((line, i) => {
      const past = old[i];
      if (past === undefined || past === line) return line;
      return line.replace(
        /\r?$/,
        (end) => ` ${added} for ${owner}; before: ${past.replace(/\r$/, '')}${end}`,
      );
    })
    .join('\n');
}

function replaceAt(text: string, start: number, length: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(start + length);
}

function countSame(a: readonly string[], b: readonly string[]): number {
  const place = a.findIndex((line, i) => bare(line) !== bare(b[i]));
  return place < 0 ? Math.min(a.length, b.length) : place;
}

/** A last line without an end gets one when another follows, and a first one may lose the mark of the whole text. */
function bare(line: string | undefined): string | undefined {
  return line?.replace(/^\uFEFF/, '').replace(/\r$/, '');
}
