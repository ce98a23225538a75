/** Separates the handlers of this installation in containerd's files from foreign ones that only use our shim. */
import type { HostPath } from '@kata/host';
import { getIn, isEqualValue, isTable, type TomlTable, type TomlValue } from '@kata/toml';
import type { EngineContext } from '../contract.ts';
import { isConfigOf } from '../is-config-of.ts';
import { usesOurFiles } from './handler-table.ts';
import { runtimesPaths } from './loaders.ts';
import { dropInPaths } from './own-files.ts';
import type { ConfigFile } from './resolve-config.ts';

/**
 * Ours are handlers with a name that we serve in a file that we created or edited, and handlers exactly as we or
 * upstream's installer write them. An administrator's own handler that names our shim stays.
 */
export function isOwnHandler(
  file: HostPath,
  name: string,
  table: TomlValue | undefined,
  context: EngineContext,
): boolean {
  if (!isTable(table) || !usesOurFiles(table, context.prefix)) return false;
  const isOwned = context.owned.some((owned) => owned.path === file);
  // From upstream's installer, or from a run of ours whose record is lost.
  if (!isOwned && dropInPaths(context).includes(file)) return true;
  const isKnown = context.known?.some((handler) => handler.name === name) === true;
  return (isOwned && isKnown) || isAsWritten(name, table, context);
}

/** All our handlers in a file, by name. */
export function ownHandlers(
  { path, value }: Pick<ConfigFile, 'path' | 'value'>,
  context: EngineContext,
): readonly (readonly [name: string, table: TomlTable])[] {
  return handlersIn(value).filter(([name, table]) => isOwnHandler(path, name, table, context));
}

/** All handlers of a file, ours and foreign ones, in the sections of all schemas. */
export function handlersIn(value: TomlTable): readonly (readonly [name: string, table: TomlTable])[] {
  return runtimesPaths
    .map((runtimes) => getIn(value, runtimes))
    .flatMap((runtimes) => Object.entries(isTable(runtimes) ? runtimes : {}))
    .flatMap(([name, table]) => (isTable(table) ? [[name, table] as const] : []));
}

/** Whether it has the keys that we and upstream's installer write for this name; more keys may have been added. */
function isAsWritten(name: string, table: TomlTable, { prefix, suffix }: EngineContext): boolean {
  const type = table['runtime_type'];
  const configPath = getIn(table, ['options', 'ConfigPath']);
  return (
    (type === `io.containerd.${name}.v2` || (typeof type === 'string' && type.startsWith(`${prefix}/`))) &&
    table['privileged_without_host_devices'] === true &&
    isEqualValue(table['pod_annotations'], ['io.katacontainers.*']) &&
    typeof configPath === 'string' &&
    configPath.startsWith(`${prefix}/`) &&
    isConfigOf(name, configPath, suffix)
  );
}
