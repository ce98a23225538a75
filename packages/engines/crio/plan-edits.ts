/** Plans our drop-in. Pure. */
import { sha256 } from '@kata/core';
import type { Handler } from '@kata/kata';
import { getIn, isEqualValue, isTable, TomlDocument, type TomlTable } from '@kata/toml';
import type { EngineContext, FileEdit } from '../contract.ts';
import { effectiveConfig, logLevelPath, runtimesPath } from './effective-config.ts';
import type { CrioFacts } from './facts.ts';
import { handlerTable, optionalKeys } from './handler-table.ts';
import { dropInPath } from './own-files.ts';
import { ownHandlers } from './own-handlers.ts';
import { refuseUnsafe } from './refuse-unsafe.ts';
import { restoreText } from './restore-text.ts';

const header = `# Written by kata-deploy, which replaces this file.
# It keeps keys that you add to a handler, and other tables. The log level is its own.
`;

export function planEdits(
  facts: CrioFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): readonly FileEdit[] {
  const path = dropInPath(context);
  const before = facts.files.find((file) => file.path === path)?.text;
  if (handlers.length === 0) {
    const after = before === undefined ? undefined : restoreText(before, context);
    return after === before ? [] : [{ path, before, after, original: after }];
  }
  refuseUnsafe(facts, handlers, context);
  const after = desiredText(before, wantedOf(facts, handlers, context), context);
  if (after === before) return [];
  return [{ path, before, after, original: before === undefined ? undefined : restoreText(before, context) }];
}

interface Wanted {
  /** By name. */
  readonly tables: TomlTable;
  readonly logLevel: string | undefined;
}

function wantedOf(facts: CrioFacts, handlers: readonly Handler[], context: EngineContext): Wanted {
  const others = facts.files.filter(({ path }) => path !== dropInPath(context));
  return {
    tables: Object.fromEntries(handlers.map((handler) => [handler.name, handlerTable(handler)])),
    logLevel: context.debug !== true || isTracing(others) ? undefined : 'debug',
  };
}

/** That level includes ours. */
function isTracing(files: CrioFacts['files']): boolean {
  return getIn(effectiveConfig(files).settings, logLevelPath) === 'trace';
}

function desiredText(before: string | undefined, wanted: Wanted, context: EngineContext): string {
  const fresh = setLevel(setHandlers(TomlDocument.parse(header), wanted.tables), wanted.logLevel);
  const record = context.owned.find(({ path }) => path === dropInPath(context));
  if (before === undefined) return fresh.text;
  const present = TomlDocument.parse(before, dropInPath(context));
  if (isEqualValue(present.value, fresh.value)) return before;
  const own = ownHandlers({ path: dropInPath(context), value: present.value }, context);
  const kept = own
    .filter(([name]) => !Object.hasOwn(wanted.tables, name))
    .reduce((edited, [name]) => edited.delete([...runtimesPath, name]), present);
  const edited = setLevel(setHandlers(kept, wanted.tables), wanted.logLevel);
  // Nobody else added anything: the text that a first run writes.
  const isOurs = record !== undefined && sha256(before) === record.leftSha256;
  return isOurs && isEqualValue(edited.value, fresh.value) ? fresh.text : edited.text;
}

/** Keys that others added to a handler stay. */
function setHandlers(document: TomlDocument, tables: TomlTable): TomlDocument {
  return Object.entries(tables).reduce((edited, [name, ours]) => {
    const path = [...runtimesPath, name];
    const present = edited.get(path);
    if (!isTable(ours) || !isTable(present)) return edited.set(path, ours);
    const added = Object.entries(present).filter(
      ([key]) => !Object.hasOwn(ours, key) && !optionalKeys.includes(key),
    );
    return edited.set(path, { ...ours, ...Object.fromEntries(added) });
  }, document);
}

function setLevel(document: TomlDocument, level: string | undefined): TomlDocument {
  if (level !== undefined) return document.set(logLevelPath, level);
  return document.get(logLevelPath) === undefined ? document : document.delete(logLevelPath);
}
