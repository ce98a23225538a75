/** The effective configuration of all of containerd's files. */
import { deleteIn, getIn, isArray, isTable, pruneAbove, type TomlTable, type TomlValue } from '@kata/toml';
import { defaultRuntimes } from './handler-table.ts';
import { criSectionPath, type Loader, runtimesPath, runtimesPaths } from './loaders.ts';
import { migratePlugins, withLongNames } from './migrate-plugins.ts';
import type { ConfigFile, LoadedConfig } from './resolve-config.ts';

export interface EffectiveConfig {
  /** The schema in which all files are read; undefined where each file is read in its own. */
  readonly schema: number | undefined;
  /** All handlers, by name. */
  readonly handlers: TomlTable;
  /** All other active settings, without `version` and `imports`. */
  readonly settings: TomlTable;
}

export function effectiveConfig({ loader, files }: Pick<LoadedConfig, 'loader' | 'files'>): EffectiveConfig {
  const merged = mergeAll(loader, files);
  const bare = deleteIn(deleteIn(merged, ['version']), ['imports']);
  const settings = runtimesPaths.reduce((table, path) => pruneAbove(deleteIn(table, path), path), bare);
  return {
    schema: loader.handlersIn === 'main file' ? effectiveSchema(loader, files) : undefined,
    handlers: effectiveHandlers(loader, files, merged),
    settings,
  };
}

/** All files merged, with the names that this containerd reads. */
function mergeAll(loader: Loader, files: readonly ConfigFile[]): TomlTable {
  const merge = (values: readonly TomlTable[]): TomlTable =>
    values.reduce<TomlTable>((to, value) => mergeFiles(to, value, loader), {});
  if (loader.migratesEachFile) return merge(files.map(({ value, schema }) => migrated(value, schema ?? 0)));
  if (loader.handlersIn === 'main file') return merge(files.map(({ value }) => value));
  // A file without a version gets the long names separately.
  const named = files.map(({ value, schema = 0 }) => (schema < 2 ? withLongNames(value) : value));
  return migrated(merge(named), effectiveSchema(loader, files));
}

function migrated(value: TomlTable, schema: number): TomlTable {
  const { plugins } = value;
  return isTable(plugins) ? { ...value, plugins: migratePlugins(plugins, schema) } : value;
}

/**
 * Before 2.3 the last version of a file counts for all files. On 2.0 to 2.2 a file without one is migrated separately, to
 * the number of schema 3 but only to the names of schema 2: its `plugins.cri` is lost, and drop-ins must have version 3.
 */
export function effectiveSchema(loader: Loader, files: readonly ConfigFile[]): number {
  if (loader.migratesEachFile) return loader.newestSchema;
  const isFirst = loader.handlersIn === 'main file';
  const given = files.flatMap(({ schema }) =>
    schema === undefined || (!isFirst && schema < 2) ? [] : [schema],
  );
  return given.at(-1) ?? (isFirst ? 1 : loader.newestSchema);
}

/** Where the CRI section is replaced as a whole, only the last file with one counts. */
export function winningFile(loader: Loader, files: readonly ConfigFile[]): ConfigFile | undefined {
  const section = criSectionPath(effectiveSchema(loader, files));
  return files.findLast((file) => getIn(file.value, section) !== undefined) ?? files[0];
}

function effectiveHandlers(loader: Loader, files: readonly ConfigFile[], merged: TomlTable): TomlTable {
  if (loader.merge === 'deep') {
    const runtimes = getIn(merged, runtimesPath(loader.newestSchema));
    return isTable(runtimes) ? mergeDeeply(defaultRuntimes, runtimes) : defaultRuntimes;
  }
  const schema = effectiveSchema(loader, files);
  const runtimes = getIn(winningFile(loader, files)?.value ?? {}, runtimesPath(schema));
  return isTable(runtimes) ? runtimes : defaultRuntimes;
}

/** At the root, lists are joined, empty values change nothing, and maps are replaced entry by entry. */
function mergeFiles(to: TomlTable, from: TomlTable, loader: Loader): TomlTable {
  const result: Record<string, TomlValue> = { ...to };
  for (const [name, value] of Object.entries(from)) {
    const present = getIn(result, [name]);
    if (isTable(value)) {
      const below = isTable(present) ? present : {};
      const isDeep = name === 'plugins' ? loader.merge === 'deep' : !replacedMaps.includes(name);
      result[name] = isDeep ? mergeDeeply(below, value) : { ...below, ...value };
    } else if (isArray(value) && isArray(present)) {
      result[name] = [...present, ...value.filter((item) => !present.includes(item))];
    } else if (present === undefined || ![0, '', false].includes(value as never)) result[name] = value;
  }
  return result;
}

const replacedMaps: readonly string[] = ['proxy_plugins', 'stream_processors', 'timeouts'];

function mergeDeeply(to: TomlTable, from: TomlTable): TomlTable {
  const result: Record<string, TomlValue> = { ...to };
  for (const [name, value] of Object.entries(from)) {
    const present = getIn(to, [name]);
    result[name] = isTable(present) && isTable(value) ? mergeDeeply(present, value) : value;
  }
  return result;
}
