/** Edits one of containerd's files: adds and removes our handlers and the import of our drop-in. */
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import {
  isArray,
  isEqualValue,
  isTable,
  type TomlDocument,
  type TomlPath,
  type TomlTable,
  type TomlValue,
} from '@kata/toml';
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
  /** Their current tables in any file, by name: keys that others added move with a handler to another file. */
  readonly present: TomlTable;
  /** Handlers that an earlier run wrote, so that unused ones are removed. */
  readonly known: readonly Handler[];
}

/** Keys that other programs or users added to a handler stay. */
export function setHandlers(document: TomlDocument, wanted: WantedHandlers): TomlDocument {
  const { schema, tables, present, known } = wanted;
  return Object.entries(tables).reduce((edited, [name, ours]) => {
    if (!isTable(ours)) return edited;
    const path = [...runtimesPath(schema), name];
    const here = edited.get(path);
    const old = known.find((handler) => handler.name === name)?.snapshotter;
    const table = withAddedKeys(ours, here ?? present[name], old);
    // An added snapshotter gets a platform only with a new table, as containerd migrates it.
    const { snapshotter } = here === undefined ? table : ours;
    return setPlatform(edited, schema, name, { wanted: snapshotter, old }).set(path, table);
  }, document);
}

/** Whether others added keys to our handlers; `anew` has only ours. */
export function hasAddedKeys(
  edited: TomlDocument,
  anew: TomlDocument,
  { schema, tables }: WantedHandlers,
): boolean {
  return Object.keys(tables)
    .flatMap((name) => [
      [...runtimesPath(schema), name],
      [...platformsPath, name],
    ])
    .some((path) => !isEqualValue(edited.get(path), anew.get(path)));
}

function withAddedKeys(ours: TomlTable, present: TomlValue | undefined, old: string | undefined): TomlTable {
  if (!isTable(present)) return ours;
  const isStale = (key: string): boolean =>
    shimKeys.some((each) => each === key) || (key === 'snapshotter' && present[key] === old);
  const added = Object.entries(present).filter(([key]) => !Object.hasOwn(ours, key) && !isStale(key));
  const options = { ...tableOf(present['options']), ...tableOf(ours['options']) };
  return { ...ours, ...Object.fromEntries(added), options };
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
