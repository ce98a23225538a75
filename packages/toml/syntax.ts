/** Parses a text and records the position of each part. */
import { KataError } from '@kata/core';
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import { keyNames, readTable } from './read-table.ts';
import type { TomlPath, TomlTable } from './value.ts';

/** Numbers are indexes into lists of tables (`[[a]]`), which no `TomlPath` reaches. */
type NodePath = readonly (string | number)[];

/** One `key = value`. */
export interface PairLocation {
  /** From the root. */
  readonly path: NodePath;
  readonly node: AST.TOMLKeyValue;
  /** The path of the `[table]` above it; empty at the top. */
  readonly tablePath: NodePath;
  readonly isInline: boolean;
}

export interface Syntax {
  /** Without the byte order mark; all offsets count from its start. */
  readonly text: string;
  readonly byteOrderMark: string;
  readonly newline: '\n' | '\r\n';
  readonly value: TomlTable;
  readonly pairs: readonly PairLocation[];
  readonly tables: readonly AST.TOMLTable[];
  readonly tokens: readonly AST.Token[];
}

const mark = '\uFEFF';

/** Plans parse a text several times in a row, and its tree never changes. Only a few: a tree is much larger than its text. */
const recent = new Map<string, Syntax>();
const recentLimit = 6;

/** `newline` is used for a text without one. */
export function parseSyntax(source: string, file: string, newline: Syntax['newline'] = '\n'): Syntax {
  const key = newline + source;
  const syntax = recent.get(key) ?? readSyntax(source, file, newline);
  recent.delete(key);
  recent.set(key, syntax);
  for (const oldest of recent.keys()) {
    if (recent.size <= recentLimit) break;
    recent.delete(oldest);
  }
  return syntax;
}

function readSyntax(source: string, file: string, newline: Syntax['newline']): Syntax {
  const byteOrderMark = source.startsWith(mark) ? mark : '';
  const text = source.slice(byteOrderMark.length);
  const program = parseProgram(text, file);
  const body = program.body[0].body;
  return {
    text,
    byteOrderMark,
    newline: findNewline(text) ?? newline,
    value: readTable(program),
    pairs: [...locatePairs(body)],
    tables: body.filter((node) => node.type === 'TOMLTable'),
    tokens: program.tokens,
  };
}

export function isSamePath(a: NodePath, b: NodePath): boolean {
  return a.length === b.length && startsWith(a, b);
}

export function startsWith(path: NodePath, start: NodePath): boolean {
  return path.length >= start.length && start.every((step, i) => step === path[i]);
}

export function findPair(syntax: Syntax, path: TomlPath): PairLocation | undefined {
  return syntax.pairs.find((pair) => isSamePath(pair.path, path));
}

function findNewline(text: string): Syntax['newline'] | undefined {
  if (text.includes('\r\n')) return '\r\n';
  return text.includes('\n') ? '\n' : undefined;
}

function parseProgram(text: string, file: string): AST.TOMLProgram {
  try {
    return parseTOML(text, { tomlVersion: '1.0' });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const { lineNumber: line, column } = error;
    throw new KataError(
      'KATA_TOML_PARSE',
      `${file} is not valid TOML at line ${line}, column ${column + 1}`,
      { cause: error, details: { file, line, column: column + 1 } },
    );
  }
}

function* locatePairs(body: AST.TOMLTopLevelTable['body']): Generator<PairLocation> {
  for (const node of body) {
    if (node.type === 'TOMLKeyValue') yield* locatePair(node, [], []);
    else for (const pair of node.body) yield* locatePair(pair, node.resolvedKey, node.resolvedKey);
  }
}

function* locatePair(node: AST.TOMLKeyValue, above: NodePath, tablePath: NodePath): Generator<PairLocation> {
  const path = [...above, ...keyNames(node.key)];
  yield { path, node, tablePath, isInline: node.parent.type === 'TOMLInlineTable' };
  if (node.value.type !== 'TOMLInlineTable') return;
  for (const child of node.value.body) yield* locatePair(child, path, tablePath);
}
