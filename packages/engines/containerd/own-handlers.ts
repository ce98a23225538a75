/** Finds the handlers in containerd's files that are ours by their paths, whoever wrote them, and takes some out. */
import type { HostPath } from '@kata/host';
import { getIn, isTable, TomlDocument, type TomlTable } from '@kata/toml';
import type { EngineContext, FileEdit, FoundHandler } from '../contract.ts';
import { type ContainerdFacts, dropInPaths, userDropInPaths } from './facts.ts';
import { isOurHandler } from './handler-table.ts';
import { runtimesPaths } from './loaders.ts';
import { putBack } from './put-back.ts';
import type { ConfigFile } from './resolve-config.ts';

export function findHandlers(facts: ContainerdFacts, context: EngineContext): readonly FoundHandler[] {
  const found = new Map<string, FoundHandler>();
  for (const { path: file, value } of notUsers(facts, context)) {
    for (const [name, table] of ourTables(value, context)) {
      found.set(name, {
        name,
        shimPath: shimPathOf(table),
        configPath: configPathOf(table, context),
        ...snapshotterOf(table),
        file,
        isDropIn: dropInPaths(context).includes(file),
      });
    }
  }
  return [...found.values()];
}

/** Everything else stays as it is, also in the handlers that stay. */
export function planDrops(
  facts: ContainerdFacts,
  names: readonly string[],
  context: EngineContext,
): readonly FileEdit[] {
  return notUsers(facts, context).flatMap(({ path, text, value }): FileEdit[] => {
    const ours = new Set(ourTables(value, context).map(([name]) => name));
    const dropped = names.filter((name) => ours.has(name));
    if (dropped.length === 0) return [];
    const start = TomlDocument.parse(text, path);
    const after = runtimesPaths.reduce(
      (edited, runtimes) =>
        dropped
          .filter((name) => start.get([...runtimes, name]) !== undefined)
          .reduce((each, name) => each.delete([...runtimes, name]), edited),
      start,
    );
    return [{ path, before: text, after: after.text, original: putBack(path, text, context) }];
  });
}

/** What a person's own drop-in says stays and goes with that drop-in. */
function notUsers({ files }: ContainerdFacts, context: EngineContext): readonly ConfigFile[] {
  const users = userDropInPaths(context);
  return files.filter(({ path }) => !users.includes(path));
}

function ourTables(value: TomlTable, { prefix }: EngineContext): readonly (readonly [string, TomlTable])[] {
  return runtimesPaths
    .flatMap((runtimes) => Object.entries(asTable(getIn(value, runtimes))))
    .flatMap(([name, table]) =>
      isTable(table) && isOurHandler(table, prefix) ? [[name, table] as const] : [],
    );
}

/** Without a path containerd looks for the name that it makes of the type; installers linked that from here. */
function shimPathOf(table: TomlTable): HostPath {
  const { runtime_path: path, runtime_type: type } = table;
  if (isPath(path)) return path;
  if (isPath(type)) return type;
  const [name = '', version = ''] = (typeof type === 'string' ? type : '').split('.').slice(-2);
  return `/usr/local/bin/containerd-shim-${name}-${version}`;
}

/** Without one Kata takes its default. */
function configPathOf(table: TomlTable, { prefix }: EngineContext): HostPath {
  const path = getIn(table, ['options', 'ConfigPath']);
  return isPath(path) ? path : `${prefix}/share/defaults/kata-containers/configuration.toml`;
}

function snapshotterOf({ snapshotter }: TomlTable): Pick<FoundHandler, 'snapshotter'> {
  return typeof snapshotter === 'string' ? { snapshotter } : {};
}

function asTable(value: unknown): TomlTable {
  return isTable(value) ? value : {};
}

function isPath(value: unknown): value is HostPath {
  return typeof value === 'string' && value.startsWith('/');
}
