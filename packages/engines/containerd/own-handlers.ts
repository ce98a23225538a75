/** Finds the handlers in containerd's files that are ours by their paths, whoever wrote them, and removes some of them. */
import type { HostPath } from '@kata/host';
import { getIn, TomlDocument, type TomlTable } from '@kata/toml';
import type { EngineContext, FileEdit, FoundHandler, ForeignHandler } from '../contract.ts';
import { type ContainerdFacts } from './facts.ts';
import { dropInPaths, userDropInPaths } from './own-files.ts';
import { usesOurFiles } from './handler-table.ts';
import { runtimesPaths } from './loaders.ts';
import { handlersIn, isOwnHandler, ownHandlers } from './ownership.ts';
import { restoreFile } from './restore-file.ts';
import type { ConfigFile } from './resolve-config.ts';

export function findHandlers(facts: ContainerdFacts, context: EngineContext): readonly FoundHandler[] {
  const found = withoutUserDropIns(facts, context).flatMap((file) =>
    ownHandlers(file, context).map(([name, table]) => describe(file, name, table, context)),
  );
  return [...new Map(found.map((handler) => [handler.name, handler])).values()];
}

/** The tables of our handlers, by name. */
export function ownTables(facts: ContainerdFacts, context: EngineContext): TomlTable {
  const files = withoutUserDropIns(facts, context);
  return Object.fromEntries(files.flatMap((file) => ownHandlers(file, context)));
}

/** Foreign handlers stay; sandboxes of those that start our shim need our files. */
export function findForeignHandlers(
  facts: ContainerdFacts,
  context: EngineContext,
): readonly ForeignHandler[] {
  return facts.files.flatMap(({ path: file, value }) =>
    handlersIn(value)
      .filter(([name, table]) => !isOwnHandler(file, name, table, context))
      .map(([name, table]) => ({
        name,
        file,
        shimPath: shimPathOf(table),
        usesOurFiles: usesOurFiles(table, context.prefix),
      })),
  );
}

function describe(
  { path: file }: ConfigFile,
  name: string,
  table: TomlTable,
  context: EngineContext,
): FoundHandler {
  return {
    name,
    shimPath: shimPathOf(table),
    configPath: configPathOf(table, context),
    ...snapshotterOf(table),
    file,
    isDropIn: dropInPaths(context).includes(file),
  };
}

/** Everything else stays as it is, also in the remaining handlers. */
export function planDrops(
  facts: ContainerdFacts,
  names: readonly string[],
  context: EngineContext,
): readonly FileEdit[] {
  return withoutUserDropIns(facts, context).flatMap(({ path, text, value }): FileEdit[] => {
    const ours = new Set(ownHandlers({ path, value }, context).map(([name]) => name));
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
    return [{ path, before: text, after: after.text, original: restoreFile(path, text, context) }];
  });
}

/** Without user drop-ins: their handlers are removed only together with them. */
function withoutUserDropIns({ files }: ContainerdFacts, context: EngineContext): readonly ConfigFile[] {
  const users = userDropInPaths(context);
  return files.filter(({ path }) => !users.includes(path));
}

/** Without a path containerd searches for a program named after the type; installers created a link to it here. */
function shimPathOf(table: TomlTable): HostPath {
  const { runtime_path: path, runtime_type: type } = table;
  if (isPath(path)) return path;
  if (isPath(type)) return type;
  const [name = '', version = ''] = (typeof type === 'string' ? type : '').split('.').slice(-2);
  return `/usr/local/bin/containerd-shim-${name}-${version}`;
}

/** Without one Kata uses its default. */
function configPathOf(table: TomlTable, { prefix }: EngineContext): HostPath {
  const path = getIn(table, ['options', 'ConfigPath']);
  return isPath(path) ? path : `${prefix}/share/defaults/kata-containers/configuration.toml`;
}

function snapshotterOf({ snapshotter }: TomlTable): Pick<FoundHandler, 'snapshotter'> {
  return typeof snapshotter === 'string' ? { snapshotter } : {};
}

function isPath(value: unknown): value is HostPath {
  return typeof value === 'string' && value.startsWith('/');
}
