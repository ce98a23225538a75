/** Removes our part from our drop-in. */
import { sha256 } from '@kata/core';
import { isEqualValue, isTable, TomlDocument, type TomlTable } from '@kata/toml';
import type { EngineContext } from '../contract.ts';
import { logLevelPath, runtimesPath } from './effective-config.ts';
import { dropInPath } from './own-files.ts';
import { ownHandlers } from './own-handlers.ts';

/** What upstream's installer sets next to its handlers. */
const upstreamStorage: TomlTable = { crio: { storage_option: ['overlay.skip_mount_home=true'] } };

/** Undefined: the file is removed. What others added to it stays. */
export function restoreText(text: string, context: EngineContext): string | undefined {
  const path = dropInPath(context);
  const record = context.owned.find((file) => file.path === path);
  if (record !== undefined && sha256(text) === record.leftSha256) return record.original;
  const start = TomlDocument.parse(text, path);
  const without = ownHandlers({ path, value: start.value }, context).reduce(
    (edited, [name]) => edited.delete([...runtimesPath, name]),
    start,
  );
  const left = without.get(logLevelPath) === undefined ? without : without.delete(logLevelPath);
  const isOurs = isEmpty(left.value) || isEqualValue(withoutEmpty(left.value), upstreamStorage);
  return isOurs ? undefined : left.text;
}

function isEmpty(table: TomlTable): boolean {
  return Object.keys(withoutEmpty(table)).length === 0;
}

function withoutEmpty(table: TomlTable): TomlTable {
  const entries = Object.entries(table).map(
    ([name, value]) => [name, isTable(value) ? withoutEmpty(value) : value] as const,
  );
  return Object.fromEntries(entries.filter(([, value]) => !isTable(value) || Object.keys(value).length > 0));
}
