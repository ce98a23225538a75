/** Where a new value is inserted: never above existing text, except for the first key of the root. */
import { renderPair, renderTables } from './render.ts';
import { indentAt, insertLines, lineEnd, type Splice } from './splice.ts';
import { isSamePath, startsWith, type Syntax } from './syntax.ts';
import { isTable, type TomlPath, type TomlTable, type TomlValue } from './value.ts';

export function insertValue(syntax: Syntax, path: TomlPath, value: TomlValue): Splice {
  const inline = insertInline(syntax, path, value);
  if (inline !== undefined) return inline;
  if (isTable(value)) return appendTables(syntax, path, value);
  if (path.length === 1) return insertAtRoot(syntax, renderPair(path, value));
  const parent = path.slice(0, -1);
  const name = path.slice(-1);
  return (
    insertInTable(syntax, parent, renderPair(name, value)) ??
    insertNextToDotted(syntax, path, value) ??
    appendTables(syntax, parent, { [path.at(-1) ?? '']: value })
  );
}

/** The deepest inline table above the path gets the rest of the path as a dotted key. */
function insertInline(syntax: Syntax, path: TomlPath, value: TomlValue): Splice | undefined {
  const [home] = syntax.pairs
    .filter((pair) => pair.node.value.type === 'TOMLInlineTable' && startsWith(path, pair.path))
    .toSorted((a, b) => b.path.length - a.path.length);
  if (home?.node.value.type !== 'TOMLInlineTable') return undefined;
  const { body, range } = home.node.value;
  const pair = renderPair(path.slice(home.path.length), value);
  const last = body.at(-1);
  if (last === undefined) return { start: range[0], end: range[1], text: `{ ${pair} }` };
  return { start: last.range[1], end: last.range[1], text: `, ${pair}` };
}

function insertAtRoot(syntax: Syntax, line: string): Splice {
  const { text, newline } = syntax;
  const last = syntax.pairs.findLast((pair) => pair.tablePath.length === 0 && !pair.isInline);
  if (last !== undefined) return insertLines(text, lineEnd(text, last.node.range[1]), line, newline);
  if (syntax.tables.length === 0) return insertLines(text, text.length, line, newline);
  return insertLines(text, 0, `${line}\n`, newline);
}

function insertInTable(syntax: Syntax, table: TomlPath, line: string): Splice | undefined {
  const home = syntax.tables.find((node) => node.kind === 'standard' && isSamePath(node.resolvedKey, table));
  return home === undefined ? undefined : insertLineAfter(syntax, home.body.at(-1) ?? home, line);
}

/** The parent exists only in dotted keys of a table above, so no header of its own is allowed. */
function insertNextToDotted(syntax: Syntax, path: TomlPath, value: TomlValue): Splice | undefined {
  const parent = path.slice(0, -1);
  const sibling = syntax.pairs.findLast(
    (pair) =>
      !pair.isInline &&
      pair.tablePath.length < parent.length &&
      pair.path.length > parent.length &&
      startsWith(pair.path, parent),
  );
  if (sibling === undefined) return undefined;
  const line = renderPair(path.slice(sibling.tablePath.length), value);
  return insertLineAfter(syntax, sibling.node, line);
}

function appendTables(syntax: Syntax, path: TomlPath, table: TomlTable): Splice {
  const { text, newline } = syntax;
  const block = renderTables(path, table);
  // Below an empty line, too: `removeTables` removes exactly one, so that both together change nothing.
  return insertLines(text, text.length, text === '' ? block : `\n${block}`, newline);
}

interface Placed {
  readonly range: readonly [number, number];
  readonly type: string;
}

function insertLineAfter(syntax: Syntax, node: Placed, line: string): Splice {
  const { text, newline } = syntax;
  // The range of a table ends with its last pair; a table without pairs ends with its header.
  const at = lineEnd(text, node.range[1]);
  return insertLines(text, at, indentAt(text, node.range[0]) + line, newline);
}
