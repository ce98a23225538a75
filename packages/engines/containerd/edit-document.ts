/** Edits one of containerd's files: adds and removes our handlers and the import of our drop-in. */
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import { isArray, isTable, type TomlDocument, type TomlPath, type TomlTable } from '@kata/toml';
import { posix } from 'node:path';
import type { EngineContext } from '../contract.ts';
import { cleanPath } from './go-glob.ts';
import { shimKeys } from './handler-table.ts';
import { hasPlatforms, platformsPath, runtimesPath, runtimesPaths } from './loaders.ts';
import { isOwnHandler } from './ownership.ts';

/** The desired handlers of a file. */
export interface WantedHandlers {
  readonly schema: number;
  /** By name. */
  readonly tables: TomlTable;
  /** Handlers that an earlier run wrote, so that unused ones are removed. */
  readonly known: readonly Handler[];
}

/** Keys that other programs or users added to a handler stay. */
export function setHandlers(document: TomlDocument, { schema, tables, known }: WantedHandlers): TomlDocument {
  const runtimes = runtimesPath(schema);
  return Object.entries(tables).reduce((edited, [name, wanted]) => {
    const path = [...runtimes, name];
    const present = edited.get(path);
    if (!isTable(wanted)) return edited;
    const old = known.find((handler) => handler.name === name)?.snapshotter;
    const platform = setPlatform(edited, schema, name, { wanted: wanted['snapshotter'], old });
    if (!isTable(present)) return platform.set(path, wanted);
    const isStale = (key: string): boolean =>
      !Object.hasOwn(wanted, key) &&
      (shimKeys.some((each) => each === key) || (key === 'snapshotter' && present[key] === old));
    const pruned = Object.keys(present)
      .filter(isStale)
      .reduce((each, key) => each.delete([...path, key]), platform);
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

function setPlatform(
  document: TomlDocument,
  schema: number,
  name: string,
  { wanted, old }: { readonly wanted: unknown; readonly old: string | undefined },
): TomlDocument {
  if (!hasPlatforms(schema)) return document;
  const path = [...platformsPath, name];
  if (typeof wanted !== 'string') {
    return old !== undefined && document.get([...path, 'snapshotter']) === old
      ? removePlatform(document, name)
      : document;
  }
  // A new table gets its own header; in an existing one only the key is changed.
  return document.get(path) === undefined
    ? document.set(path, { snapshotter: wanted })
    : document.set([...path, 'snapshotter'], wanted);
}

function removePlatform(document: TomlDocument, name: string): TomlDocument {
  const path = [...platformsPath, name];
  const present = document.get(path);
  if (!isTable(present) || !Object.hasOwn(present, 'snapshotter')) return document;
  return document.delete(Object.keys(present).length === 1 ? path : [...path, 'snapshotter']);
}

/** In the sections of all schemas, except the kept names in the kept section. */
export function removeHandlers(
  document: TomlDocument,
  file: HostPath,
  context: EngineContext,
  kept: { readonly runtimes: TomlPath; readonly names: readonly string[] } | undefined,
): TomlDocument {
  return runtimesPaths.reduce((edited, runtimes) => {
    const isKeptPlace = kept !== undefined && runtimes.join('\n') === kept.runtimes.join('\n');
    const surplus = Object.entries(tableOf(document.get(runtimes)))
      .filter(
        ([name, table]) =>
          isOwnHandler(file, name, table, context) && !(isKeptPlace && kept.names.includes(name)),
      )
      .map(([name]) => name);
    return surplus.reduce((each, name) => removePlatform(each.delete([...runtimes, name]), name), edited);
  }, document);
}

/** However the paths are written; an empty array stays. */
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
