/** What containerd makes of all its files together. */
import { deleteIn, getIn, isArray, isTable, pruneAbove, type TomlTable, type TomlValue } from '@kata/toml';
import { defaultRuntimes } from './handler-table.ts';
import { criSectionPath, type Loader, runtimesPath, runtimesPaths } from './loaders.ts';
import type { ConfigFile, LoadedConfig } from './resolve-config.ts';

export interface EffectiveConfig {
  readonly schema: number;
  /** All handlers, by name. */
  readonly handlers: TomlTable;
  /** All that is neither a handler nor about how the files are read. */
  readonly settings: TomlTable;
}

export function effectiveConfig({ loader, files }: LoadedConfig): EffectiveConfig {
  const merged = files.reduce<TomlTable>((to, file) => mergeFiles(to, file.value, loader), {});
  const bare = deleteIn(deleteIn(merged, ['version']), ['imports']);
  const settings = runtimesPaths.reduce((table, path) => pruneAbove(deleteIn(table, path), path), bare);
  return { schema: effectiveSchema(loader, files), handlers: effectiveHandlers(loader, files), settings };
}

/**
 * Before 2.3 the last version given counts for all files. A file without one is migrated by itself on 2.0 to 2.2, to
 * schema 3 by number but only to the names of schema 2: its `plugins.cri` is lost, and drop-ins must say 3.
 */
export function effectiveSchema(loader: Loader, files: readonly ConfigFile[]): number {
  if (loader.migratesEachFile) return loader.newestSchema;
  const isFirst = loader.handlersIn === 'main file';
  const given = files.flatMap(({ schema }) =>
    schema === undefined || (!isFirst && schema < 2) ? [] : [schema],
  );
  return given.at(-1) ?? (isFirst ? 1 : loader.newestSchema);
}

/** Where the section for CRI is replaced as a whole, only the last file that has one counts. */
export function winningFile(loader: Loader, files: readonly ConfigFile[]): ConfigFile | undefined {
  const section = criSectionPath(effectiveSchema(loader, files));
  return files.findLast((file) => getIn(file.value, section) !== undefined) ?? files[0];
}

function effectiveHandlers(loader: Loader, files: readonly ConfigFile[]): TomlTable {
  const schema = effectiveSchema(loader, files);
  if (loader.merge === 'later file replaces section') {
    const runtimes = getIn(winningFile(loader, files)?.value ?? {}, runtimesPath(schema));
    return isTable(runtimes) ? runtimes : defaultRuntimes;
  }
  return files.reduce((to, file) => {
    const own = loader.migratesEachFile ? (file.schema ?? 1) : schema;
    const runtimes = getIn(file.value, runtimesPath(own));
    return isTable(runtimes) ? mergeDeeply(to, runtimes) : to;
  }, defaultRuntimes);
}

/** Lists of the root are joined, its empty values change nothing, and its maps are replaced entry by entry. */
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
