/** What a shim sees: its configuration merged with the drop-ins, as both of Kata's runtimes do it. */
import { isTable, TomlDocument, type TomlTable } from '@kata/toml';

/**
 * `texts`: the configuration, then the files of its `config.d` in the order of their names. Tables are merged,
 * everything else is replaced, arrays as a whole.
 *
 * @throws KataError `KATA_TOML_PARSE`
 */
export function effectiveConfiguration(texts: readonly string[]): TomlTable {
  return texts
    .map((text) => TomlDocument.parse(text, 'the Kata configuration').value)
    .reduce<TomlTable>(mergeTables, {});
}

export function mergeTables(base: TomlTable, over: TomlTable): TomlTable {
  const merged = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(over)) {
    const present = merged.get(name);
    merged.set(name, isTable(present) && isTable(value) ? mergeTables(present, value) : value);
  }
  return Object.fromEntries(merged);
}
