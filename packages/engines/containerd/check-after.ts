/** Compares what containerd would load before and after our edits, before it is restarted. */
import type { HostPath } from '@kata/host';
import { isEqualValue, isTable, renderPath, type TomlPath, type TomlTable, type TomlValue } from '@kata/toml';
import type { EngineContext, Handler } from '../contract.ts';
import { effectiveConfig } from './effective-config.ts';
import { type ContainerdFacts, dropInPaths } from './facts.ts';
import { defaultRuntimes, handlerTable, isOurHandler } from './handler-table.ts';
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
  const changes = diffEffective(before, after, context).map(
    ({ path }) => `${renderPath(path)} would change, which is not ours`,
  );
  return [
    ...after.problems.map((problem) => problem.message),
    ...changes,
    ...handlerFaults(after, handlers, context),
  ];
}

/** All differences except our own handlers. */
function diffEffective(
  before: LoadedConfig,
  after: LoadedConfig,
  context: EngineContext,
): readonly Difference[] {
  const dropIns = dropInPaths(context);
  const isGone = (path: HostPath): boolean =>
    dropIns.includes(path) && !after.files.some((file) => file.path === path);
  // A drop-in takes along what it said besides handlers, such as another installer's log level.
  const staying = { ...before, files: before.files.filter((file) => !isGone(file.path)) };
  const [old, now] = [effectiveConfig(staying), effectiveConfig(after)];
  // Without any file the schema says nothing: there is nothing that it could change the meaning of.
  const isSchemaKept = staying.files.length === 0 || after.files.length === 0 || old.schema === now.schema;
  return [
    ...(isSchemaKept ? [] : [{ path: ['version'], before: old.schema, after: now.schema }]),
    ...diffTables([], old.settings, now.settings),
    ...diffTables(['runtimes'], old.handlers, now.handlers).filter(
      ({ path: [, name = ''], before: was, after: is }) =>
        // A default that handlers of ours hid and that comes back.
        !(was === undefined && isEqualValue(is, defaultRuntimes[name])) &&
        ![old, now].some(({ handlers }) => isOurHandler(handlers[name], context.prefix)),
    ),
  ];
}

function handlerFaults(
  after: ContainerdFacts,
  handlers: readonly Handler[],
  { prefix }: EngineContext,
): readonly string[] {
  const present = effectiveConfig(after).handlers;
  const surplus = Object.keys(present).filter(
    (name) => isOurHandler(present[name], prefix) && !handlers.some((handler) => handler.name === name),
  );
  const wrong = handlers.filter(
    (handler) => !covers(present[handler.name], handlerTable(handler, after.loader)),
  );
  return [
    ...surplus.map((name) => `the handler ${name} would stay`),
    ...wrong.map(({ name }) => `the handler ${name} would not be as it should`),
  ];
}

/** Others may add keys to our handlers, but not change ours. */
function covers(present: TomlValue | undefined, wanted: TomlValue): boolean {
  if (!isTable(wanted)) return isEqualValue(present, wanted);
  return isTable(present) && Object.entries(wanted).every(([name, value]) => covers(present[name], value));
}

function diffTables(path: TomlPath, before: TomlTable, after: TomlTable): readonly Difference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    const place = [...path, name];
    if (isTable(old) && isTable(now)) return diffTables(place, old, now);
    return isEqualValue(old, now) ? [] : [{ path: place, before: old, after: now }];
  });
}
