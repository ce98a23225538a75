/** Adds items to arrays and removes them, in the style of the array. */
import type { AST } from 'toml-eslint-parser';
import { renderValue } from './render.ts';
import { indentAt, insertLines, lineEnd, lineStart, type Splice } from './splice.ts';
import type { Syntax } from './syntax.ts';
import type { TomlValue } from './value.ts';

export function appendItem(syntax: Syntax, array: AST.TOMLArray, item: TomlValue): readonly Splice[] {
  const { text, newline } = syntax;
  const last = array.elements.at(-1);
  const rendered = renderValue(item);
  // After the bracket, so that a comment in an empty array stays.
  if (last === undefined) return [insertAt(array.range[0] + 1, rendered)];
  const end = last.range[1];
  const comma = commaAfter(syntax, array, end);
  const nextLine = lineEnd(text, comma?.range[1] ?? end);
  if (nextLine >= array.range[1]) return [insertAt(end, `, ${rendered}`)];
  const line = insertLines(text, nextLine, `${indentAt(text, last.range[0])}${rendered},`, newline);
  return comma === undefined ? [insertAt(end, ','), line] : [line];
}

/** A comment after the item on its line is removed with it; all others stay. */
export function removeItem(syntax: Syntax, array: AST.TOMLArray, index: number): readonly Splice[] {
  const { text } = syntax;
  const item = array.elements[index];
  if (item === undefined) return [];
  const [start, end] = item.range;
  const comma = commaAfter(syntax, array, end);
  const behind = comma?.range[1] ?? end;
  const [firstLine, nextLine] = [lineStart(text, start), lineEnd(text, behind)];
  const isAlone =
    text.slice(firstLine, start).trim() === '' && /^[ \t]*(#.*)?\r?\n$/.test(text.slice(behind, nextLine));
  // A comment between the item and a comma on a later line must stay.
  if (isAlone && !text.slice(end, behind).includes('\n')) return [cut(firstLine, nextLine)];
  if (comma !== undefined) {
    const next = array.elements[index + 1]?.range[0];
    if (next !== undefined && isBlank(text.slice(behind, next))) {
      return text.slice(end, behind) === ',' ? [cut(start, next)] : [cut(start, end), cut(behind - 1, next)];
    }
    return [cut(start, end), cut(behind - 1, behind)];
  }
  const previous = array.elements[index - 1]?.range[1];
  if (previous !== undefined && /^[ \t]*,[ \t]*$/.test(text.slice(previous, start)))
    return [cut(previous, end)];
  return [cut(start, end)];
}

/** The comma between an element and the next one or the bracket. */
function commaAfter(syntax: Syntax, array: AST.TOMLArray, at: number): AST.Token | undefined {
  const next = syntax.tokens.find((token) => token.range[0] >= at && token.range[1] <= array.range[1]);
  return next?.type === 'Punctuator' && next.value === ',' ? next : undefined;
}

function isBlank(text: string): boolean {
  return /^[ \t]*$/.test(text);
}

function insertAt(at: number, text: string): Splice {
  return { start: at, end: at, text };
}

function cut(start: number, end: number): Splice {
  return { start, end, text: '' };
}
