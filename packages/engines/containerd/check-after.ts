/** Compares the configuration that containerd would load before and after our edits, before it is restarted. */
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import {
  deleteIn,
  getIn,
  isEqualValue,
  pruneAbove,
  renderPath,
  type TomlPath,
  type TomlTable,
  type TomlValue,
} from '@kata/toml';
import type { EngineContext } from '../contract.ts';
import { effectiveConfig, type EffectiveConfig } from './effective-config.ts';
import type { ContainerdFacts } from './facts.ts';
import { dropInPaths, ourDropIns, userDropInPaths } from './own-files.ts';
import { defaultRuntimes, handlerTable } from './handler-table.ts';
import { platformsPath, runtimesPath, runtimesPaths } from './loaders.ts';
import { ownerName, wantsDebug } from './marks.ts';
import { ownHandlers } from './ownership.ts';
import type { ConfigFile, LoadedConfig } from './resolve-config.ts';
import { covers, type Difference, diffTables } from '../toml/table-differences.ts';

/** One sentence for each fault; without any, containerd can be restarted. */
export function findFaults(
  before: ContainerdFacts,
  after: ContainerdFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): readonly string[] {
  return [
    ...after.problems.map((problem) => problem.message),
    ...foreignChanges(before, after, handlers, context),
    ...handlerFaults(after, handlers, context),
    ...userFaults(after, handlers, context),
  ];
}

/** One sentence for each foreign setting that would differ from before, or from the configuration without us. */
function foreignChanges(
  before: LoadedConfig,
  after: LoadedConfig,
  handlers: readonly Handler[],
  context: EngineContext,
): readonly string[] {
  const dropIns = dropInPaths(context);
  const isGone = (path: HostPath): boolean =>
    dropIns.includes(path) && !after.files.some((file) => file.path === path);
  // With a removed drop-in its other settings are removed, too, such as another installer's log level.
  const staying = { ...before, files: before.files.filter((file) => !isGone(file.path)) };
  const [old, now] = [effectiveConfig(staying), effectiveConfig(after)];
  const names = ourNames([before, after], handlers, context);
  const userTables = [before, after].flatMap((config) => userValues(config, context));
  const isUsers = (path: TomlPath): boolean => userTables.some((table) => getIn(table, path) !== undefined);
  const ours: TomlPath[] = [...names].map((name) => [...platformsPath, name, 'snapshotter']);
  const owner = ownerName(context);
  if ([before, after].some(({ files }) => files.some((file) => wantsDebug(file.text, owner)))) {
    ours.push(['debug', 'level']);
  }
  const isOurs = ([root, name = '']: TomlPath): boolean =>
    root === 'runtimes' &&
    (names.has(name) || runtimesPaths.some((runtimes) => isUsers([...runtimes, name])));
  const view = ({ settings, handlers: runtimes }: EffectiveConfig): TomlTable => ({
    ...without(settings, ours),
    runtimes,
  });
  // Without any file the schema does not matter: there are no settings whose meaning it could change.
  const isSchemaKept = staying.files.length === 0 || after.files.length === 0 || old.schema === now.schema;
  const alone = view(effectiveConfig(withoutOurParts(staying, context)));
  const changed = diffTables([], view(old), view(now)).filter(
    ({ path, after: value }) =>
      (value === undefined || !isEqualValue(value, getIn(alone, path))) && !isDefaultBack(path, value),
  );
  const lost = diffTables([], alone, view(now)).filter(
    ({ path, before: value }) =>
      value !== undefined && isEqualValue(getIn(view(old), path), getIn(view(now), path)),
  );
  const isForeign = ({ path }: Difference): boolean => !isOurs(path) && !isUsers(path);
  return [
    ...(isSchemaKept ? [] : ['the foreign setting version would change']),
    ...changed.filter(isForeign).map(({ path }) => `the foreign setting ${renderPath(path)} would change`),
    ...lost
      .filter(isForeign)
      .map(({ path }) => `the foreign setting ${renderPath(path)} would be overridden by ours`),
  ];
}

/** A default that our handlers hid and that is active again. */
function isDefaultBack([root, name = '']: TomlPath, value: TomlValue | undefined): boolean {
  return root === 'runtimes' && isEqualValue(value, defaultRuntimes[name]);
}

/** The configuration without us: foreign additions to our drop-ins count, the schema of these does not. */
function withoutOurParts(
  { loader, files }: LoadedConfig,
  context: EngineContext,
): Pick<LoadedConfig, 'loader' | 'files'> {
  const [dropIns, ours] = [dropInPaths(context), ourDropIns(context)];
  return {
    loader,
    files: files.flatMap((file): ConfigFile[] => {
      if (!ours.includes(file.path)) return [file];
      if (!dropIns.includes(file.path)) return [];
      const places = ownHandlers(file, context).flatMap(([name]) =>
        runtimesPaths.map((runtimes) => [...runtimes, name]),
      );
      return [{ ...file, schema: undefined, value: without(file.value, places) }];
    }),
  };
}

/** Names of our handlers, before, after and desired. */
function ourNames(
  configs: readonly LoadedConfig[],
  handlers: readonly Handler[],
  context: EngineContext,
): ReadonlySet<string> {
  const found = configs.flatMap(({ files }) => files).flatMap((file) => ownHandlers(file, context));
  const known = [...handlers, ...(context.known ?? [])].map(({ name }) => name);
  return new Set([...known, ...found.map(([name]) => name)]);
}

function without(table: TomlTable, paths: readonly TomlPath[]): TomlTable {
  return paths.reduce((each, path) => pruneAbove(deleteIn(each, path), path), table);
}

/** The content of this installation's user drop-ins that containerd reads. */
function userValues({ files }: LoadedConfig, context: EngineContext): readonly TomlTable[] {
  const paths = userDropInPaths(context);
  return files.filter((file) => paths.includes(file.path)).map((file) => file.value);
}

function handlerFaults(
  after: ContainerdFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): readonly string[] {
  const { handlers: present, settings } = effectiveConfig(after);
  const own = after.files.flatMap((file) => ownHandlers(file, context).map(([name]) => name));
  const surplus = [...new Set(own)].filter((name) => !handlers.some((handler) => handler.name === name));
  const dropIn = after.files.find((file) => dropInPaths(context).includes(file.path));
  const isPulled = ({ name, snapshotter }: Handler): boolean =>
    snapshotter === undefined ||
    getIn(dropIn?.value ?? {}, runtimesPath(3)) === undefined ||
    getIn(settings, [...platformsPath, name, 'snapshotter']) === snapshotter;
  const wrong = handlers.filter(
    (handler) => !covers(present[handler.name], handlerTable(handler, after.loader)) || !isPulled(handler),
  );
  return [
    ...surplus.map((name) => `the handler ${name} would not be removed`),
    ...wrong.map(({ name }) => `the handler ${name} would differ from the plan`),
  ];
}

function userFaults(
  after: ContainerdFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): readonly string[] {
  const ours = ourDropIns(context).filter((path) => userDropInPaths(context).includes(path));
  const isRead = after.files.some((file) => ours.includes(file.path));
  const { userDropIn } = context;
  const isWanted = userDropIn !== undefined && handlers.length > 0;
  if (isWanted === isRead) return [];
  return [
    isWanted
      ? `containerd would not read ${userDropIn.source}`
      : `containerd would still read ${ours.join(', ')}`,
  ];
}
