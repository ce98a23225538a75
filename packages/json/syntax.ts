/** Parses a text and records the position of each part. */
import { KataError } from '@kata/core';
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { isObject, type JsonObject, type JsonPath, type JsonValue } from './value.ts';

export interface Syntax {
  /** Without the byte order mark; all offsets count from its start. */
  readonly text: string;
  readonly byteOrderMark: string;
  /** Undefined for a text of white space only, which engines read as an empty object. */
  readonly root: Node | undefined;
  readonly value: JsonObject;
}

/** One `"key": value`; its offsets count from the start of the text. */
export interface Property {
  readonly key: Node;
  readonly value: Node;
}

const mark = '\uFEFF';

/** @throws KataError `KATA_JSON_PARSE` */
export function parseSyntax(source: string, file: string): Syntax {
  const byteOrderMark = source.startsWith(mark) ? mark : '';
  const text = source.slice(byteOrderMark.length);
  if (/^[ \t\r\n]*$/.test(text)) return { text, byteOrderMark, root: undefined, value: {} };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const [error] = errors;
  if (error !== undefined) throw refusal(file, text, error.offset, printParseErrorCode(error.error));
  const value = root === undefined ? undefined : valueOf(root);
  if (root === undefined || !isObject(value)) throw refusal(file, text, 0, 'the value is not an object');
  return { text, byteOrderMark, root, value };
}

/** The last one where a key occurs twice, which is the one that engines read. */
export function findProperty({ root }: Syntax, path: JsonPath): Property | undefined {
  let object = root;
  let found: Property | undefined;
  for (const name of path) {
    found = object === undefined ? undefined : propertiesOf(object).findLast(({ key }) => key.value === name);
    object = found?.value;
  }
  return found;
}

export function propertiesOf(node: Node): readonly Property[] {
  if (node.type !== 'object') return [];
  return (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
    key === undefined || value === undefined ? [] : { key, value },
  );
}

export function endOf(node: Node): number {
  return node.offset + node.length;
}

function valueOf(node: Node): JsonValue {
  if (node.type === 'array') return (node.children ?? []).map(valueOf);
  if (node.type !== 'object') return node.value as JsonValue;
  return Object.fromEntries(propertiesOf(node).map(({ key, value }) => [key.value, valueOf(value)]));
}

function refusal(file: string, text: string, offset: number, what: string): KataError {
  const before = text.slice(0, offset).split('\n');
  const [line, column] = [before.length, (before.at(-1) ?? '').length + 1];
  return new KataError(
    'KATA_JSON_PARSE',
    `${file} is not valid JSON: ${what} at line ${line}, column ${column}`,
    {
      hint: `correct ${file} and try again`,
      details: { file, line, column },
    },
  );
}
