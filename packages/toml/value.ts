/** The data of a TOML text: reads, compares and changes it. */

/** The names of the keys from the root down; an empty path is the root. */
export type TomlPath = readonly string[];

/** An integer outside the safe range of `number` is a `bigint`. */
export type TomlValue = string | number | bigint | boolean | TomlDateTime | readonly TomlValue[] | TomlTable;

export interface TomlTable {
  readonly [key: string]: TomlValue;
}

/** A date, a time or both, as written: `Date` has neither local times nor their precision. */
export class TomlDateTime {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export function isArray(value: unknown): value is readonly TomlValue[] {
  return Array.isArray(value);
}

export function isTable(value: unknown): value is TomlTable {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof TomlDateTime)
  );
}

export function isEqualValue(a: TomlValue | undefined, b: TomlValue | undefined): boolean {
  if (a instanceof TomlDateTime || b instanceof TomlDateTime) {
    return a instanceof TomlDateTime && b instanceof TomlDateTime && a.text === b.text;
  }
  if (isArray(a) && isArray(b)) {
    return a.length === b.length && a.every((item, i) => isEqualValue(item, b[i]));
  }
  if (isTable(a) && isTable(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && isEqualValue(a[name], b[name]))
    );
  }
  return Object.is(a, b);
}

export function getIn(table: TomlTable, path: TomlPath): TomlValue | undefined {
  let current: TomlValue | undefined = table;
  for (const name of path) {
    // A key may be named `__proto__`: only own properties are data.
    if (!isTable(current) || !Object.hasOwn(current, name)) return undefined;
    current = current[name];
  }
  return current;
}

/** Creates missing tables; undefined when the path leads through a value that is not a table. */
export function setIn(table: TomlTable, path: TomlPath, value: TomlValue): TomlTable | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return isTable(value) ? value : undefined;
  if (rest.length === 0) return { ...table, [name]: value };
  const child = getIn(table, [name]) ?? {};
  const changed = isTable(child) ? setIn(child, rest, value) : undefined;
  return changed === undefined ? undefined : { ...table, [name]: changed };
}

/** Leaves tables that become empty. */
export function deleteIn(table: TomlTable, path: TomlPath): TomlTable {
  const [name, ...rest] = path;
  if (name === undefined || !Object.hasOwn(table, name)) return table;
  if (rest.length === 0) return Object.fromEntries(Object.entries(table).filter(([key]) => key !== name));
  const child = table[name];
  return isTable(child) ? { ...table, [name]: deleteIn(child, rest) } : table;
}

/** Removes the tables above a path that are empty, from the inside out. */
export function pruneAbove(table: TomlTable, path: TomlPath): TomlTable {
  let pruned = table;
  for (let length = path.length - 1; length > 0; length -= 1) {
    const ancestor = getIn(pruned, path.slice(0, length));
    if (isTable(ancestor) && Object.keys(ancestor).length === 0)
      pruned = deleteIn(pruned, path.slice(0, length));
  }
  return pruned;
}
