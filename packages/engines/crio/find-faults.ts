/** Compares the configuration that CRI-O would load before and after our edits, before it is restarted. Pure. */
import type { Handler } from '@kata/kata';
import { deleteIn, pruneAbove, renderPath, type TomlTable } from '@kata/toml';
import type { EngineContext } from '../contract.ts';
import { covers, diffTables } from '../toml/table-differences.ts';
import { effectiveConfig, logLevelPath, runtimesPath } from './effective-config.ts';
import type { CrioFacts } from './facts.ts';
import { handlerTable } from './handler-table.ts';
import { dropInPath } from './own-files.ts';
import { ownHandlers } from './own-handlers.ts';

/** One sentence for each fault; without any, CRI-O can be restarted. */
export function findFaults(
  before: CrioFacts,
  after: CrioFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): readonly string[] {
  const { handlers: served } = effectiveConfig(after.files);
  const own = after.files.flatMap((file) => ownHandlers(file, context).map(([name]) => name));
  const surplus = own.filter((name) => !handlers.some((handler) => handler.name === name));
  const wrong = handlers.filter((handler) => !covers(served[handler.name], handlerTable(handler)));
  const changed = diffTables([], foreignSettings(before, context), foreignSettings(after, context));
  return [
    ...after.problems.map(({ message }) => message),
    ...changed.map(({ path }) => `the foreign setting ${renderPath(path)} would change`),
    ...surplus.map((name) => `the handler ${name} would not be removed`),
    ...wrong.map(({ name }) => `the handler ${name} would differ from the plan`),
  ];
}

/** What the files set without our part. */
function foreignSettings({ files }: CrioFacts, context: EngineContext): TomlTable {
  const ours = dropInPath(context);
  const known = (context.known ?? []).map(({ name }) => name);
  const foreign = files.map((file) => {
    if (file.path !== ours) return file;
    const names = [...known, ...ownHandlers(file, context).map(([name]) => name)];
    const places = [...names.map((name) => [...runtimesPath, name]), logLevelPath];
    const value = places.reduce((each, path) => pruneAbove(deleteIn(each, path), path), file.value);
    return { ...file, value };
  });
  const { handlers, settings } = effectiveConfig(foreign);
  return { ...settings, handlers };
}
