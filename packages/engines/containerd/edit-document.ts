/** The changes to one of containerd's files: our handlers in and out, our drop-in into its imports and out. */
import type { HostPath } from '@kata/host';
import { isArray, isTable, type TomlDocument, type TomlPath, type TomlTable } from '@kata/toml';
import { posix } from 'node:path';
import { cleanPath } from './go-glob.ts';
import { isOurHandler, shimKeys } from './handler-table.ts';
import { runtimesPaths } from './loaders.ts';

/** Keys that somebody added to a handler stay. */
export function setHandlers(document: TomlDocument, runtimes: TomlPath, handlers: TomlTable): TomlDocument {
  return Object.entries(handlers).reduce((edited, [name, wanted]) => {
    const path = [...runtimes, name];
    const present = edited.get(path);
    if (!isTable(present) || !isTable(wanted)) return edited.set(path, wanted);
    const stale = shimKeys.filter((key) => !Object.hasOwn(wanted, key));
    const pruned = stale.reduce((each, key) => each.delete([...path, key]), edited);
    const options = {
      ...(isTable(present['options']) ? present['options'] : {}),
      ...tableOf(wanted['options']),
    };
    return Object.entries({ ...wanted, options }).reduce(
      (each, [key, value]) => each.set([...path, key], value),
      pruned,
    );
  }, document);
}

/** In every schema's place, except the kept names in the kept place. */
export function removeHandlers(
  document: TomlDocument,
  prefix: HostPath,
  kept: { readonly runtimes: TomlPath; readonly names: readonly string[] } | undefined,
): TomlDocument {
  return runtimesPaths.reduce((edited, runtimes) => {
    const isKeptPlace = kept !== undefined && runtimes.join('\n') === kept.runtimes.join('\n');
    const surplus = Object.entries(tableOf(document.get(runtimes)))
      .filter(([name, table]) => isOurHandler(table, prefix) && !(isKeptPlace && kept.names.includes(name)))
      .map(([name]) => name);
    return surplus.reduce((each, name) => each.delete([...runtimes, name]), edited);
  }, document);
}

/** However the paths are written; an array that becomes empty stays. */
export function removeImports(
  document: TomlDocument,
  file: HostPath,
  paths: readonly HostPath[],
): TomlDocument {
  const present = document.get(['imports']);
  const surplus = (isArray(present) ? present : []).filter(
    (item) => typeof item === 'string' && paths.includes(cleanPath(posix.dirname(file), item)),
  );
  return surplus.reduce<TomlDocument>((each, item) => each.removeFromArray(['imports'], item), document);
}

function tableOf(value: unknown): TomlTable {
  return isTable(value) ? value : {};
}
