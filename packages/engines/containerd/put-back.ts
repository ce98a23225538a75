/** Takes our part out of a file that we created or edited. */
import type { HostPath } from '@kata/host';
import { isArray, isEqualValue, TomlDocument } from '@kata/toml';
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { EngineContext, OwnedFile } from '../contract.ts';
import { removeHandlers, removeImports } from './edit-document.ts';
import { dropInPaths } from './facts.ts';
import { defaultRuntimes } from './handler-table.ts';
import { runtimesPaths } from './loaders.ts';

/**
 * Undefined means that the file goes. What nobody else touched is restored byte for byte; where somebody did, just what
 * is ours is taken out.
 */
export function putBack(path: HostPath, text: string, context: EngineContext): string | undefined {
  const record = context.owned.find((file) => file.path === path);
  if (record !== undefined && isAsWeLeft(text, record)) return record.original;
  const dropIns = dropInPaths(context);
  // A file that does not mention us is none of our business, even when it is broken.
  if (![context.prefix, ...dropIns.map((each) => posix.basename(each))].some((each) => text.includes(each))) {
    return text;
  }
  const cleaned = removeHandlers(TomlDocument.parse(text, path), context.prefix, undefined);
  const detached = removeAdditions(removeImports(cleaned, path, dropIns), record);
  const isCreated = record === undefined ? dropIns.includes(path) : record.original === undefined;
  const isEmpty = Object.keys(detached.value).every((key) => key === 'version');
  return isCreated && isEmpty && detached.text !== text ? undefined : detached.text;
}

export function isAsWeLeft(text: string, record: OwnedFile): boolean {
  const sha256 = createHash('sha256').update(text, 'utf8').digest('hex');
  return sha256 === record.leftSha256 || sha256 === record.formerSha256;
}

/** What we had to add besides handlers: the list of imports, and the default runtime that our handlers hide. */
function removeAdditions(document: TomlDocument, record: OwnedFile | undefined): TomlDocument {
  if (record === undefined) return document;
  const before = TomlDocument.parse(record.original ?? '', record.path);
  const imports = document.get(['imports']);
  const isOurList = before.get(['imports']) === undefined && isArray(imports) && imports.length === 0;
  const detached = isOurList ? document.delete(['imports']) : document;
  return runtimesPaths.reduce((edited, runtimes) => {
    const isOurDefault =
      before.get(runtimes) === undefined && isEqualValue(edited.get(runtimes), defaultRuntimes);
    return isOurDefault ? edited.delete(runtimes) : edited;
  }, detached);
}
