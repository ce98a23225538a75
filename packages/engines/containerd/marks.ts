/**
 * Comments that mark lines that we add to foreign files in addition to handlers. So the last installation that needs such
 * a line can remove it again, byte for byte, whichever installation added it and whoever has edited the file since.
 */
import { getIn, isTable, TomlDocument, type TomlTable, type TomlValue } from '@kata/toml';
import type { EngineContext } from '../contract.ts';
import type { ConfigFile } from './resolve-config.ts';

const added = '# by kata-deploy';
const level = ['debug', 'level'] as const;

/** The content of the line, the installations that want it, and the line before, if there was one. */
const levelLine = /^(.*?) # by kata-deploy for ([a-z0-9-]+(?:, [a-z0-9-]+)*)(?:; before: (.*?))?(\r?)$/m;

/** Marks each line of `after` that `before` does not have; they form one block. */
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

/** Whether any installation added the line that starts with this text. */
export function isMarked(text: string, start: string): boolean {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .some((line) => line.startsWith(start) && line.endsWith(added));
}

/** Removes an empty list of imports that an installation added. */
export function dropEmptyImports(document: TomlDocument, file: string): TomlDocument {
  const found = /^(\uFEFF?)imports = \[\] # by kata-deploy\r?\n(\r?\n)?/.exec(document.text);
  // At the top it was added with an empty line below, which `delete` would leave.
  if (found !== null) {
    return TomlDocument.parse(`${found[1] ?? ''}${document.text.slice(found[0].length)}`, file);
  }
  return isMarked(document.text, 'imports = []') ? document.delete(['imports']) : document;
}

export function ownerName({ suffix }: Pick<EngineContext, 'suffix'>): string {
  return suffix === '' ? 'kata-deploy' : `kata-deploy-${suffix}`;
}

/** Whether the text has a mark that this installation wants the log level for debugging. */
export function wantsDebug(text: string, owner: string): boolean {
  return levelLine.exec(text)?.[2]?.split(', ').includes(owner) === true;
}

/** Whether foreign files already make containerd log at its debug level. */
export function isDebugging(files: readonly Pick<ConfigFile, 'text' | 'value'>[]): boolean {
  const levels = files.filter(({ text }) => !levelLine.test(text)).map(({ value }) => getIn(value, level));
  return includesDebug(levels.findLast((each) => each !== undefined && each !== ''));
}

/** Containerd reads levels in any case. */
function includesDebug(value: TomlValue | undefined): boolean {
  return typeof value === 'string' && ['debug', 'trace'].includes(value.toLowerCase());
}

/** An existing log level `debug` or `trace` stays as it is. */
export function addDebug(document: TomlDocument, owner: string, file: string): TomlDocument {
  const { text } = document;
  const marked = levelLine.exec(text);
  if (marked !== null) {
    const owners = marked[2]?.split(', ') ?? [];
    return owners.includes(owner) ? document : withOwners(text, [...owners, owner], file);
  }
  const present = document.get(level);
  if (includesDebug(present)) return document;
  const edited = document.set(level, 'debug').text;
  if (present !== undefined) return TomlDocument.parse(markChanged(text, edited, owner), file);
  // The header gets the plain mark; the level names the installation that wants it.
  const both = markAdded(text, edited);
  return TomlDocument.parse(
    both.replace(/^((?:.*\blevel\b).*"debug".*) # by kata-deploy(\r?)$/m, `$1 ${added} for ${owner}$2`),
    file,
  );
}

/** Restores the previous line when no other installation wants the level. */
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

/** Whether only marked lines are left. */
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

/** Adds the previous text to the mark of the only changed line. */
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

/** Without byte order mark and carriage return: an edit may add or move them. */
function bare(line: string | undefined): string | undefined {
  return line?.replace(/^\uFEFF/, '').replace(/\r$/, '');
}
