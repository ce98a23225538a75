/** Separates our handlers in CRI-O's files from foreign ones, which stay. */
import type { HostPath } from '@kata/host';
import { getIn, isTable, type TomlTable, type TomlValue } from '@kata/toml';
import type { EngineContext, ForeignHandler, FoundHandler } from '../contract.ts';
import { isConfigOf } from '../is-config-of.ts';
import { runtimesPath } from './effective-config.ts';
import type { CrioFacts } from './facts.ts';
import { usesOurFiles } from './handler-table.ts';
import { dropInPath } from './own-files.ts';
import type { CrioFile } from './read-files.ts';

/**
 * Ours are handlers in our drop-in that use our files, with a name that our record has, or exactly as we write them;
 * without a record, such as after upstream's installer, all that use our files.
 */
export function isOwnHandler(
  file: HostPath,
  name: string,
  table: TomlValue | undefined,
  context: EngineContext,
): boolean {
  if (file !== dropInPath(context) || !usesOurFiles(table, context.prefix)) return false;
  const isOwned = context.owned.some(({ path }) => path === file);
  const isKnown = context.known?.some((handler) => handler.name === name) === true;
  return !isOwned || isKnown || isAsWritten(name, table, context);
}

/** More keys may have been added. */
function isAsWritten(name: string, table: TomlValue | undefined, { prefix, suffix }: EngineContext): boolean {
  if (!isTable(table)) return false;
  const configPath = pathAt(table, 'runtime_config_path');
  return (
    table['runtime_type'] === 'vm' &&
    table['privileged_without_host_devices'] === true &&
    pathAt(table, 'runtime_path')?.startsWith(`${prefix}/`) === true &&
    configPath?.startsWith(`${prefix}/`) === true &&
    isConfigOf(name, configPath, suffix)
  );
}

export function handlersIn(value: TomlTable): readonly (readonly [name: string, table: TomlTable])[] {
  const runtimes = getIn(value, runtimesPath);
  return Object.entries(isTable(runtimes) ? runtimes : {}).flatMap(([name, table]) =>
    isTable(table) ? [[name, table] as const] : [],
  );
}

export function ownHandlers(
  { path, value }: Pick<CrioFile, 'path' | 'value'>,
  context: EngineContext,
): readonly (readonly [name: string, table: TomlTable])[] {
  return handlersIn(value).filter(([name, table]) => isOwnHandler(path, name, table, context));
}

export function findHandlers({ files }: CrioFacts, context: EngineContext): readonly FoundHandler[] {
  return files.flatMap((file) =>
    ownHandlers(file, context).map(([name, table]) => ({
      name,
      shimPath: pathAt(table, 'runtime_path') ?? `${context.prefix}/bin/containerd-shim-kata-v2`,
      configPath:
        pathAt(table, 'runtime_config_path') ??
        `${context.prefix}/share/defaults/kata-containers/configuration.toml`,
      ...(table['runtime_pull_image'] === true ? { pullType: 'guest-pull' } : {}),
      file: file.path,
      isDropIn: true,
    })),
  );
}

export function findForeignHandlers({ files }: CrioFacts, context: EngineContext): readonly ForeignHandler[] {
  return files.flatMap(({ path: file, value }) =>
    handlersIn(value)
      .filter(([name, table]) => !isOwnHandler(file, name, table, context))
      .map(([name, table]) => ({
        name,
        file,
        // CRI-O searches its own PATH for a program with the name of the handler.
        shimPath: pathAt(table, 'runtime_path') ?? `/usr/bin/${name}`,
        usesOurFiles: usesOurFiles(table, context.prefix),
      })),
  );
}

function pathAt(table: TomlTable, key: string): HostPath | undefined {
  const value = table[key];
  return typeof value === 'string' && value.startsWith('/') ? (value as HostPath) : undefined;
}
