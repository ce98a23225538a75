/** Removes our part from a file that we created or edited. */
import type { HostPath } from '@kata/host';
import { isArray, isEqualValue, renderPath, TomlDocument } from '@kata/toml';
import { posix } from 'node:path';
import { sha256 } from '@kata/core';
import type { EngineContext, OwnedFile } from '../contract.ts';
import { removeHandlers, removeImports } from './edit-document.ts';
import { dropInPaths, ourDropIns, ourImports, userDropInPaths } from './own-files.ts';
import { defaultRuntimes } from './handler-table.ts';
import { runtimesPaths } from './loaders.ts';
import { dropDebug, dropEmptyImports, isMarked, isMarkedOnly, ownerName } from './marks.ts';

/**
 * Undefined: the file is removed. A file without foreign edits is restored byte for byte; in an edited one only our part
 * is removed.
 */
export function restoreFile(path: HostPath, text: string, context: EngineContext): string | undefined {
  const record = context.owned.find((file) => file.path === path);
  if (record !== undefined && isUnchanged(text, record)) return record.original;
  // It was written from the settings, so it has no foreign content.
  if (userDropInPaths(context).includes(path)) return record === undefined ? text : record.original;
  const names = [
    context.prefix,
    ...ourDropIns(context).map((each) => posix.basename(each)),
    '# by kata-deploy',
  ];
  // A file that does not mention us is not ours to change, even when it is broken.
  if (!names.some((each) => text.includes(each))) return text;
  const cleaned = removeHandlers(TomlDocument.parse(text, path), path, context, undefined);
  const detached = removeAdditions(removeImports(cleaned, path, ourImports(context)), path, record);
  const quiet = dropDebug(detached, ownerName(context), path);
  if (quiet.text === text) return text;
  const isCreated =
    isMarkedOnly(quiet.text, quiet.value) ||
    (record === undefined ? dropInPaths(context).includes(path) : record.original === undefined);
  const isEmpty = Object.keys(quiet.value).every((key) => key === 'version');
  return isCreated && isEmpty ? undefined : quiet.text;
}

export function isUnchanged(text: string, record: OwnedFile): boolean {
  return sha256(text) === record.leftSha256;
}

/** Our additions other than handlers: the list of imports, and the default runtime that our handlers hide. */
function removeAdditions(
  document: TomlDocument,
  path: HostPath,
  record: OwnedFile | undefined,
): TomlDocument {
  const detached = removeDefault(dropEmptyImports(document, path), record);
  if (record === undefined) return detached;
  const before = TomlDocument.parse(record.original ?? '', record.path);
  const imports = detached.get(['imports']);
  const isOurList = before.get(['imports']) === undefined && isArray(imports) && imports.length === 0;
  return isOurList ? detached.delete(['imports']) : detached;
}

/** While another installation has handlers next to it, the default is still needed. */
export function removeDefault(document: TomlDocument, record: OwnedFile | undefined): TomlDocument {
  const before = record === undefined ? undefined : TomlDocument.parse(record.original ?? '', record.path);
  return runtimesPaths.reduce((edited, runtimes) => {
    if (!isEqualValue(edited.get(runtimes), defaultRuntimes)) return edited;
    const isOurs =
      isMarked(edited.text, `[${renderPath([...runtimes, 'runc'])}]`) ||
      (before !== undefined && before.get(runtimes) === undefined);
    return isOurs ? edited.delete(runtimes) : edited;
  }, document);
}
