/** Compares what containerd would load before and after our edits, before it is restarted. */
import type { HostPath } from '@kata/host';
import {
  deleteIn,
  getIn,
  isEqualValue,
  isTable,
  pruneAbove,
  renderPath,
  type TomlPath,
  type TomlTable,
  type TomlValue,
} from '@kata/toml';
import type { EngineContext, Handler } from '../contract.ts';
import { effectiveConfig } from './effective-config.ts';
import { type ContainerdFacts, dropInPaths, ourDropIns, userDropInPaths } from './facts.ts';
import { defaultRuntimes, handlerTable, isOurHandler } from './handler-table.ts';
import { hasPlatforms, platformsPath, runtimesPaths } from './loaders.ts';
import { ownerName, wantsDebug } from './marks.ts';
import type { LoadedConfig } from './resolve-config.ts';

interface Difference {
  readonly path: TomlPath;
  readonly before: TomlValue | undefined;
  readonly after: TomlValue | undefined;
}

/** One sentence for each thing that is wrong; none means that containerd can be restarted. */
export function findFaults(
  before: ContainerdFacts,
  after: ContainerdFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): readonly string[] {
  const changes = diffEffective(before, after, handlers, context).map(
    ({ path }) => `${renderPath(path)} would change, which is not ours`,
  );
  return [
    ...after.problems.map((problem) => problem.message),
    ...changes,
    ...handlerFaults(after, handlers, context),
    ...userFaults(after, handlers, context),
  ];
}

/** All differences except our own handlers, the level of the log, and what the person's drop-in says. */
function diffEffective(
  before: LoadedConfig,
  after: LoadedConfig,
  handlers: readonly Handler[],
  context: EngineContext,
): readonly Difference[] {
  const dropIns = dropInPaths(context);
  const isGone = (path: HostPath): boolean =>
    dropIns.includes(path) && !after.files.some((file) => file.path === path);
  // A drop-in takes along what it said besides handlers, such as another installer's log level.
  const staying = { ...before, files: before.files.filter((file) => !isGone(file.path)) };
  const [old, now] = [effectiveConfig(staying), effectiveConfig(after)];
  const userTables = [before, after].flatMap((config) => userValues(config, context));
  // Without any file the schema says nothing: there is nothing that it could change the meaning of.
  const isSchemaKept = staying.files.length === 0 || after.files.length === 0 || old.schema === now.schema;
  const isOurs = (name: string): boolean =>
    [old, now].some((each) => isOurHandler(each.handlers[name], context.prefix));
  // A default that handlers of ours hid and that comes back.
  const isDefaultBack = ({ path: [, name = ''], before: was, after: is }: Difference): boolean =>
    was === undefined && isEqualValue(is, defaultRuntimes[name]);
  const names = [
    ...Object.keys(old.handlers),
    ...Object.keys(now.handlers),
    ...handlers.map(({ name }) => name),
  ];
  const ours: TomlPath[] = names.filter(isOurs).map((name) => [...platformsPath, name, 'snapshotter']);
  const owner = ownerName(context);
  if ([before, after].some(({ files }) => files.some((file) => wantsDebug(file.text, owner)))) {
    ours.push(['debug', 'level']);
  }
  const isUsers = (path: TomlPath): boolean => userTables.some((table) => getIn(table, path) !== undefined);
  const isUsersHandler = (name: string): boolean =>
    runtimesPaths.some((runtimes) => isUsers([...runtimes, name]));
  return [
    ...(isSchemaKept ? [] : [{ path: ['version'], before: old.schema, after: now.schema }]),
    ...diffTables([], without(old.settings, ours), without(now.settings, ours)).filter(
      ({ path }) => !isUsers(path),
    ),
    ...diffTables(['runtimes'], old.handlers, now.handlers).filter(
      (each) => !isDefaultBack(each) && !isOurs(each.path[1] ?? '') && !isUsersHandler(each.path[1] ?? ''),
    ),
  ];
}

function without(table: TomlTable, paths: readonly TomlPath[]): TomlTable {
  return paths.reduce((each, path) => pruneAbove(deleteIn(each, path), path), table);
}

/** What the person's own drop-ins of this installation say, as far as they are read. */
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
  const surplus = Object.keys(present).filter(
    (name) =>
      isOurHandler(present[name], context.prefix) && !handlers.some((handler) => handler.name === name),
  );
  const dropIn = after.files.find((file) => dropInPaths(context).includes(file.path));
  const isPulled = ({ name, snapshotter }: Handler): boolean =>
    snapshotter === undefined ||
    !hasPlatforms(dropIn?.schema ?? 0) ||
    getIn(settings, [...platformsPath, name, 'snapshotter']) === snapshotter;
  const wrong = handlers.filter(
    (handler) => !covers(present[handler.name], handlerTable(handler, after.loader)) || !isPulled(handler),
  );
  return [
    ...surplus.map((name) => `the handler ${name} would stay`),
    ...wrong.map(({ name }) => `the handler ${name} would not be as it should`),
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
  return [isWanted ? `${userDropIn.source} would not be read` : `${ours.join(', ')} would still be read`];
}

/** Others may add keys to our handlers, but not change ours. */
function covers(present: TomlValue | undefined, wanted: TomlValue): boolean {
  if (!isTable(wanted)) return isEqualValue(present, wanted);
  return isTable(present) && Object.entries(wanted).every(([name, value]) => covers(present[name], value));
}

function diffTables(path: TomlPath, before: TomlTable, after: TomlTable): readonly Difference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [old, now] = [getIn(before, [name]), getIn(after, [name])];
    const place = [...path, name];
    if (isTable(old) && isTable(now)) return diffTables(place, old, now);
    return isEqualValue(old, now) ? [] : [{ path: place, before: old, after: now }];
  });
}
