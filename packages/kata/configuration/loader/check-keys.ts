/** Compares the keys of one configuration with the known keys of a runtime. */
import { isArray, isTable, TomlDocument, type TomlTable, type TomlValue } from '@kata/toml';
import type { Shim } from '../../shims.ts';
import { hypervisorNames, type KnownKeys, knownTables, type ValueKind } from './known-keys.ts';

export interface KeyProblem {
  readonly path: readonly string[];
  /** `type`: always refused. `unknown`: refused in a drop-in, or without effect. */
  readonly kind: 'type' | 'unknown';
  readonly message: string;
}

/** Keys in `shipped` count as known, too: the runtime's own configuration sets them. */
export function checkKeys(
  language: Shim['language'],
  configuration: TomlTable,
  shipped: TomlTable,
): readonly KeyProblem[] {
  return Object.entries(configuration).flatMap(([name, value]): readonly KeyProblem[] => {
    const known = knownTables[language];
    switch (name) {
      case 'hypervisor':
      case 'agent': {
        if (!isTable(value)) return [wrongKind([name], 'a table')];
        const ofShipped = tableIn(shipped, name);
        return Object.entries(value).flatMap(([inner, table]) =>
          checkTable([name, inner], table, known[name], tableIn(ofShipped, inner)),
        );
      }
      case 'runtime':
      case 'factory':
        return checkTable([name], value, known[name], tableIn(shipped, name));
      default:
        return Object.hasOwn(shipped, name) ? [] : [unknownKey([name])];
    }
  });
}

/**
 * Values in a drop-in that no release accepts: the types of known keys do not change.
 *
 * @throws KataError `KATA_TOML_PARSE`
 */
export function wrongTypes(language: Shim['language'], dropIn: string): readonly string[] {
  return checkKeys(language, TomlDocument.parse(dropIn, 'the drop-in').value, {})
    .filter(({ kind }) => kind === 'type')
    .map(({ message }) => message);
}

/** Whether the runtime refuses a drop-in with the unknown key instead of ignoring the key. */
export function isRefusedWhenUnknown(language: Shim['language'], path: readonly string[]): boolean {
  const [table] = path;
  if (path.length < 3) return false;
  return table === 'agent' || (table === 'hypervisor' && language === 'go');
}

export function isHypervisor(language: Shim['language'], name: string): boolean {
  return hypervisorNames[language].includes(name);
}

function checkTable(
  path: readonly string[],
  value: TomlValue,
  known: KnownKeys,
  shipped: TomlTable,
): readonly KeyProblem[] {
  if (!isTable(value)) return [wrongKind(path, 'a table')];
  return Object.entries(value).flatMap(([key, found]): readonly KeyProblem[] => {
    const kind = known.get(key);
    if (kind === undefined) return Object.hasOwn(shipped, key) ? [] : [unknownKey([...path, key])];
    return isOfKind(found, kind) ? [] : [wrongKind([...path, key], kindNames[kind])];
  });
}

const kindNames: Readonly<Record<ValueKind, string>> = {
  string: 'a string',
  strings: 'a list of strings',
  boolean: 'true or false',
  float: 'a number',
  tables: 'a list of tables',
  table: 'a table',
  u8: 'a whole number from 0 to 255',
  u32: 'a whole number from 0 to 4294967295',
  u64: 'a whole number that is not negative',
  i32: 'a whole number of 32 bits',
  i64: 'a whole number',
};

const ranges: Readonly<Partial<Record<ValueKind, readonly [bigint, bigint]>>> = {
  u8: [0n, 255n],
  u32: [0n, 2n ** 32n - 1n],
  u64: [0n, 2n ** 63n - 1n],
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
};

function isOfKind(value: TomlValue, kind: ValueKind): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string';
    case 'strings':
      return isArray(value) && value.every((item) => typeof item === 'string');
    case 'boolean':
      return typeof value === 'boolean';
    case 'float':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'tables':
      return isArray(value) && value.every((item) => isTable(item));
    case 'table':
      return isTable(value);
    case 'u8':
    case 'u32':
    case 'u64':
    case 'i32':
    case 'i64':
      return isWhole(value) && isInRange(BigInt(value), ranges[kind]);
  }
}

function isWhole(value: TomlValue): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function isInRange(value: bigint, range: readonly [bigint, bigint] | undefined): boolean {
  return range === undefined || (value >= range[0] && value <= range[1]);
}

function wrongKind(path: readonly string[], expected: string): KeyProblem {
  return { path, kind: 'type', message: `${path.join('.')} must be ${expected}` };
}

function unknownKey(path: readonly string[]): KeyProblem {
  return { path, kind: 'unknown', message: `${path.join('.')} is not a known key` };
}

function tableIn(table: TomlTable, name: string): TomlTable {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  return isTable(found) ? found : {};
}
