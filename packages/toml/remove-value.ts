/** Which pieces of the text are removed with a value. */
import { lineEnd, lineStart, removeLines, type Splice } from './splice.ts';
import { findPair, type PairLocation, startsWith, type Syntax } from './syntax.ts';
import type { TomlPath } from './value.ts';

/** Of several dotted keys in an inline table only the first; the caller repeats the call. */
export function removeValue(syntax: Syntax, path: TomlPath): readonly Splice[] {
  const inline = syntax.pairs.find((pair) => pair.isInline && startsWith(pair.path, path));
  const outer = findPair(syntax, path);
  if (inline !== undefined && (outer === undefined || outer.isInline) && !isUnder(syntax, inline, path)) {
    return [removeInline(inline)];
  }
  const { text } = syntax;
  const tables = syntax.tables.filter((node) => startsWith(node.resolvedKey, path));
  const pairs = syntax.pairs.filter(
    (pair) => !pair.isInline && startsWith(pair.path, path) && !startsWith(pair.tablePath, path),
  );
  return [
    ...pairs.map(({ node }) =>
      removeLines(text, lineStart(text, node.range[0]), lineEnd(text, node.range[1])),
    ),
    ...joinTables(text, tables).map(([start, end]) => removeTables(text, start, end)),
  ];
}

/** Whether the pair is removed anyway, with its table or with a pair that contains it. */
function isUnder(syntax: Syntax, inline: PairLocation, path: TomlPath): boolean {
  if (startsWith(inline.tablePath, path)) return true;
  return syntax.pairs.some(
    (pair) => !pair.isInline && startsWith(pair.path, path) && startsWith(inline.path, pair.path),
  );
}

function removeInline({ node }: PairLocation): Splice {
  const [start, end] = node.range;
  if (node.parent.type !== 'TOMLInlineTable') return { start, end, text: '' };
  const { body } = node.parent;
  const i = body.indexOf(node);
  const next = body[i + 1];
  if (next !== undefined) return { start, end: next.range[0], text: '' };
  return { start: body[i - 1]?.range[1] ?? start, end, text: '' };
}

/** The lines of the tables, as one piece where only empty lines are between two of them. */
function joinTables(text: string, tables: Syntax['tables']): readonly (readonly [number, number])[] {
  const pieces: [number, number][] = [];
  for (const node of tables) {
    const start = lineStart(text, node.range[0]);
    const end = lineEnd(text, (node.body.at(-1) ?? node).range[1]);
    const last = pieces.at(-1);
    if (last !== undefined && text.slice(last[1], start).trim() === '') last[1] = end;
    else pieces.push([start, end]);
  }
  return pieces;
}

/** With one empty line above, because `appendTables` adds one, whatever was written below since. */
function removeTables(text: string, start: number, end: number): Splice {
  const emptyAbove = /(?:^|\n)([ \t]*\r?\n)$/.exec(text.slice(0, start))?.[1];
  return removeLines(text, start - (emptyAbove?.length ?? 0), end);
}
