/** What CRI-O makes of its files: tables are merged, but a handler in a later file replaces the earlier one whole. Pure. */
import {
  deleteIn,
  getIn,
  isArray,
  isTable,
  pruneAbove,
  type TomlPath,
  type TomlTable,
  type TomlValue,
} from '@kata/toml';
import type { CrioFile } from './read-files.ts';

export const runtimesPath: TomlPath = ['crio', 'runtime', 'runtimes'];
export const logLevelPath: TomlPath = ['crio', 'runtime', 'log_level'];
export const defaultRuntimePath: TomlPath = ['crio', 'runtime', 'default_runtime'];
const workloadsPath: TomlPath = ['crio', 'runtime', 'workloads'];
/** Its items are collected from all files. */
const storageOptionsPath: TomlPath = ['crio', 'storage_option'];

export interface EffectiveConfig {
  /** By name. */
  readonly handlers: TomlTable;
  /** All other settings. */
  readonly settings: TomlTable;
}

export function effectiveConfig(files: readonly Pick<CrioFile, 'value'>[]): EffectiveConfig {
  const merged = files.reduce<TomlTable>((all, { value }) => merge(all, value, []), {});
  const handlers = getIn(merged, runtimesPath);
  return {
    handlers: isTable(handlers) ? handlers : {},
    settings: pruneAbove(deleteIn(merged, runtimesPath), runtimesPath),
  };
}

function merge(to: TomlTable, from: TomlTable, above: TomlPath): TomlTable {
  const changed = Object.entries(from).map(([name, value]): [string, TomlValue] => {
    const present = getIn(to, [name]);
    const path = [...above, name];
    if (isSame(path, storageOptionsPath) && isArray(present) && isArray(value)) {
      return [name, [...present.filter((item) => !value.includes(item)), ...value]];
    }
    const isMerged = isTable(present) && isTable(value) && !isEntry(path);
    return [name, isMerged ? merge(present, value, path) : value];
  });
  return { ...to, ...Object.fromEntries(changed) };
}

/** Of a map whose entries CRI-O decodes anew. */
function isEntry(path: TomlPath): boolean {
  return [runtimesPath, workloadsPath].some((map) => isSame(path.slice(0, -1), map));
}

function isSame(a: TomlPath, b: TomlPath): boolean {
  return a.length === b.length && a.every((part, i) => part === b[i]);
}
