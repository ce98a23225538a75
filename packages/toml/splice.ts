/** Replaces pieces of a text and finds the lines around an offset in it. */

export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Splices at the same offset are inserted in the given order; splices must not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = '';
  let at = 0;
  for (const splice of splices.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, splice.start) + splice.text;
    at = splice.end;
  }
  return result + text.slice(at);
}

export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}

/** After the newline; the end of the text when there is none. */
export function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline + 1;
}

export function indentAt(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? '';
}

/** Inserts whole lines at the start of a line or the end of the text; a final newline is neither added nor removed. */
export function insertLines(text: string, at: number, lines: string, newline: string): Splice {
  const content = lines.replaceAll('\n', newline);
  const isAfterOpenLine = at === text.length && at > 0 && !text.endsWith('\n');
  return { start: at, end: at, text: isAfterOpenLine ? newline + content : content + newline };
}

/** Removes whole lines; a final newline is neither added nor removed. */
export function removeLines(text: string, start: number, end: number): Splice {
  if (end < text.length || text.endsWith('\n')) return { start, end, text: '' };
  const kept = text.slice(0, start).replace(/\r?\n$/, '');
  return { start: kept.length, end, text: '' };
}
