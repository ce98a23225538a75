/** Refuses a user drop-in that containerd would misread, or that would break our handlers. */
import { exitCodes, KataError } from '@kata/core';
import type { Handler } from '@kata/kata';
import { getIn, isArray, isTable, renderPath, TomlDocument, type TomlTable } from '@kata/toml';
import type { EngineContext, UserDropIn } from '../contract.ts';
import { effectiveSchema } from './effective-config.ts';
import { type ContainerdFacts, foreignFiles } from './facts.ts';
import { shimKeys } from './handler-table.ts';
import { criNames, platformsPath, runtimesPaths } from './loaders.ts';

export function refuseUserDropIn(
  facts: ContainerdFacts,
  { text, source }: UserDropIn,
  handlers: readonly Handler[],
  context: EngineContext,
): void {
  const { value } = TomlDocument.parse(text, source);
  const reason =
    (facts.loader.handlersIn === 'main file'
      ? ([
          `in containerd ${facts.engineVersion} a section in a drop-in replaces the whole section`,
          'put the settings into its main file',
        ] as const)
      : undefined) ??
    schemaReason(facts, value, context) ??
    contentReason(value, handlers);
  if (reason === undefined) return;
  throw new KataError('KATA_ENGINE_USER_DROP_IN', `${source} cannot be used as a drop-in: ${reason[0]}`, {
    hint: `${reason[1]}, or unset CONTAINERD_USER_DROP_IN_SOURCE_FILE (value containerd.userDropIn)`,
    exitCode: exitCodes.precondition,
    details: { file: source },
  });
}

type Reason = readonly [problem: string, next: string];

function schemaReason(facts: ContainerdFacts, value: TomlTable, context: EngineContext): Reason | undefined {
  const { version } = value;
  const { loader, schema = loader.newestSchema } = facts;
  const given = version === undefined ? 'no version' : `version ${JSON.stringify(version)}`;
  if (version === undefined && value['plugins'] === undefined) return undefined;
  if (loader.migratesEachFile) {
    if (
      typeof version === 'number' &&
      Number.isInteger(version) &&
      version > 0 &&
      version <= loader.newestSchema
    )
      return loader.refusesAboveRoot && version > schema ? aboveMain(facts, version, schema) : undefined;
    return [
      `it has ${given}, but this containerd supports versions up to ${loader.newestSchema}`,
      `write it in a schema up to ${loader.newestSchema} and set its version to that`,
    ];
  }
  const needed = effectiveSchema(loader, foreignFiles(facts, context));
  if (version === needed) return undefined;
  return [
    `it has ${given}, but this containerd reads all files in the schema of ${facts.mainPath}, which is ${needed}`,
    `write it in schema ${needed} with version = ${needed}`,
  ];
}

/** Earlier files may have a lower version than the main file, which the plan detects. */
function aboveMain({ engineVersion, mainPath }: ContainerdFacts, version: number, schema: number): Reason {
  return [
    `it has version ${version}, but containerd ${engineVersion} does not start with a version above ${schema}, which ${mainPath} has`,
    `write it in schema ${schema} with version = ${schema}`,
  ];
}

function contentReason(value: TomlTable, handlers: readonly Handler[]): Reason | undefined {
  if (value['imports'] !== undefined) {
    return ['it imports other files', 'import them in the main file'];
  }
  const disabled = value['disabled_plugins'];
  const plugin = criNames.find((each) => isArray(disabled) && disabled.includes(each));
  if (plugin !== undefined) return [`it disables ${plugin}`, `remove that from its disabled_plugins`];
  for (const { name, snapshotter } of handlers) {
    const tables = runtimesPaths.map((runtimes) => [...runtimes, name]);
    const keys = [
      ...tables.flatMap((table) => [
        table,
        ...shimKeys.map((key) => [...table, key]),
        [...table, 'options', 'ConfigPath'],
        ...(snapshotter === undefined ? [] : [[...table, 'snapshotter']]),
      ]),
      ...(snapshotter === undefined ? [] : [[...platformsPath, name, 'snapshotter']]),
    ];
    const taken = keys.find((key) => {
      const present = getIn(value, key);
      return (
        present !== undefined &&
        !(isTable(present) && tables.some((table) => table.join('\n') === key.join('\n')))
      );
    });
    if (taken !== undefined) return [`it sets ${renderPath(taken)}, which Kata sets`, 'remove that key'];
  }
  return undefined;
}
