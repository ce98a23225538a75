/** Builds plain data from a syntax tree. */
import type { AST } from 'toml-eslint-parser';
import { TomlDateTime, type TomlTable, type TomlValue } from './value.ts';

/** While it is built; a list of tables has tables that still grow. */
interface GrowingTable {
  [key: string]: TomlValue | GrowingTable | GrowingTable[];
}

export function keyNames(key: AST.TOMLKey): string[] {
  return key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value));
}

export function readTable(program: AST.TOMLProgram): TomlTable {
  const root: GrowingTable = {};
  for (const node of program.body[0].body) {
    if (node.type === 'TOMLKeyValue') {
      addPair(root, node);
      continue;
    }
    const table = tableAt(root, node.resolvedKey);
    for (const pair of node.body) addPair(table, pair);
  }
  return root as TomlTable;
}

function readValue(node: AST.TOMLContentNode): TomlValue {
  switch (node.type) {
    case 'TOMLArray':
      return node.elements.map(readValue);
    case 'TOMLInlineTable': {
      const table: GrowingTable = {};
      for (const pair of node.body) addPair(table, pair);
      return table as TomlTable;
    }
    case 'TOMLValue':
      return readScalar(node);
  }
}

function readScalar(node: AST.TOMLValue): TomlValue {
  switch (node.kind) {
    case 'integer': {
      // The sign of an integer zero means nothing, unlike that of a float.
      const value = Number(node.bigint);
      return Number.isSafeInteger(value) ? value : node.bigint;
    }
    case 'string':
    case 'float':
    case 'boolean':
      return node.value;
    case 'offset-date-time':
    case 'local-date-time':
    case 'local-date':
    case 'local-time':
      return new TomlDateTime(node.datetime);
  }
}

function addPair(table: GrowingTable, pair: AST.TOMLKeyValue): void {
  const names = keyNames(pair.key);
  const last = names.pop();
  if (last !== undefined) define(tableAt(table, names), last, readValue(pair.value));
}

/** Numbers are indexes into lists of tables (`[[a]]`). */
function tableAt(root: GrowingTable, path: readonly (string | number)[]): GrowingTable {
  let current: GrowingTable | GrowingTable[] = root;
  path.forEach((step, i) => {
    const fresh = typeof path[i + 1] === 'number' ? [] : {};
    if (Array.isArray(current)) {
      current = current[Number(step)] ??= {};
      return;
    }
    if (!Object.hasOwn(current, step)) define(current, String(step), fresh);
    current = current[step] as GrowingTable | GrowingTable[];
  });
  return current as GrowingTable;
}

/** An assignment to `__proto__` would not create a property. */
function define(table: GrowingTable, name: string, value: GrowingTable[string]): void {
  Object.defineProperty(table, name, { value, enumerable: true, writable: true, configurable: true });
}
