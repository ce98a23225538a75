/** Differences between tables of an engine's configuration. */
import { getIn, isEqualValue, isTable, type TomlPath, type TomlTable, type TomlValue } from '@kata/toml';

export interface Difference {
  readonly path: TomlPath;
  readonly before: TomlValue | undefined;
  readonly after: TomlValue | undefined;
}

/** Foreign files may add keys to our handlers, but not change ours. */
export function covers(present: TomlValue | undefined, wanted: TomlValue): boolean {
  if (!isTable(wanted)) return isEqualValue(present, wanted);
  return isTable(present) && Object.entries(wanted).every(([name, value]) => covers(present[name], value));
}

export function diffTables(path: TomlPath, before: TomlTable, after: TomlTable): readonly Difference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [old, now] = [getIn(before, [name]), getIn(after, [name])];
    const place = [...path, name];
    if (isTable(old) && isTable(now)) return diffTables(place, old, now);
    return isEqualValue(old, now) ? [] : [{ path: place, before: old, after: now }];
  });
}
