/** Plans the edits of containerd's files after which it serves exactly the desired handlers. */
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import { getIn, isEqualValue, renderDocument, TomlDocument } from '@kata/toml';
import type { EngineContext, FileEdit } from '../contract.ts';
import { findFaults } from './check-after.ts';
import {
  hasAddedKeys,
  removeHandlers,
  removeImports,
  setHandlers,
  type WantedHandlers,
} from './edit-document.ts';
import { effectiveSchema, winningFile } from './effective-config.ts';
import { type ContainerdFacts, foresee, foreignFiles, imports } from './facts.ts';
import { dropInPaths, dropInsPattern, ourDropIns, ourImports, userDropInPaths } from './own-files.ts';
import { placesFor } from './places.ts';
import { defaultRuntimes, handlerTable } from './handler-table.ts';
import { runtimesPath } from './loaders.ts';
import { ownTables } from './own-handlers.ts';
import { addDebug, dropDebug, isDebugging, markAdded, ownerName } from './marks.ts';
import { isUnchanged, restoreFile, removeDefault } from './restore-file.ts';
import { refuseUnsafe } from './refuse-unsafe.ts';

/** The files that our handlers need; all others of ours are restored. */
type WantedTexts = ReadonlyMap<HostPath, string>;

/**
 * Edits are in the order in which they must be applied: drop-ins are written before a file imports them, and removed when
 * no file imports them any more, because a literal import of a missing file stops containerd. Of several places for our
 * handlers the first one is used in which they would be served without a change of foreign settings.
 */
export function planEdits(
  facts: ContainerdFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): readonly FileEdit[] {
  if (handlers.length === 0) return editsTo(new Map(), facts, context);
  refuseUnsafe(facts, handlers, context);
  const wanted = {
    tables: Object.fromEntries(handlers.map((each) => [each.name, handlerTable(each, facts.loader)])),
    present: ownTables(facts, context),
    known: context.known ?? [],
  };
  if (facts.loader.handlersIn === 'main file') {
    return editsTo(textsInPlace(facts, wanted, context), facts, context);
  }
  const plans = placesFor(facts, context).map(({ version, names }) => () => {
    const texts = textsWithDropIn(facts, { ...wanted, schema: names, version }, context);
    return editsTo(texts, facts, context);
  });
  const isGood = (edits: readonly FileEdit[]): boolean =>
    findFaults(facts, foresee(facts, edits), handlers, context).length === 0;
  // When none is good, `refuseHarm` reports the faults of the first.
  return firstGood(plans, isGood);
}

function firstGood(
  plans: readonly (() => readonly FileEdit[])[],
  isGood: (edits: readonly FileEdit[]) => boolean,
): readonly FileEdit[] {
  let first: readonly FileEdit[] | undefined;
  for (const plan of plans) {
    const edits = plan();
    if (isGood(edits)) return edits;
    first ??= edits;
  }
  return first ?? [];
}

/** All files of ours that are not wanted are restored, after the wanted ones: handlers move without a gap. */
function editsTo(wanted: WantedTexts, facts: ContainerdFacts, context: EngineContext): readonly FileEdit[] {
  const owned = context.owned.map((file) => file.path);
  const dropIns = ourDropIns(context);
  const paths = new Set([...wanted.keys(), facts.mainPath, ...dropIns, ...owned]);
  const rank = (edit: FileEdit): number => {
    if (!dropIns.includes(edit.path)) return 1;
    return edit.after === undefined ? 2 : 0;
  };
  return [...paths]
    .map((path) => {
      const original = restoredText(facts, path, context);
      const after = wanted.has(path) ? wanted.get(path) : original;
      return { path, before: facts.texts.get(path), after, original };
    })
    .filter(({ before, after }) => before !== after)
    .toSorted((a, b) => rank(a) - rank(b));
}

/** In the file whose section counts; the section of any other file would be ignored. */
function textsInPlace(
  facts: ContainerdFacts,
  handlers: Omit<WantedHandlers, 'schema'>,
  context: EngineContext,
): WantedTexts {
  const files = foreignFiles(facts, context);
  const home = winningFile(facts.loader, files);
  const schema = home === undefined ? facts.loader.newestSchema : effectiveSchema(facts.loader, files);
  const path = home?.path ?? facts.mainPath;
  const wanted = { ...handlers, schema };
  const fresh = markAdded('', renderDocument({ version: schema }));
  const edited = editInPlace(facts, { path, text: home?.text ?? fresh }, wanted, context);
  const record = context.owned.find((file) => file.path === path);
  if (home === undefined || record === undefined || !isUnchanged(home.text, record)) {
    return new Map([[path, edited.text]]);
  }
  // A file without foreign edits is written again, so that no earlier settings stay; another order alone is no change.
  const start = { path, text: record.original ?? fresh };
  const anew = editInPlace(facts, start, { ...wanted, present: {} }, context);
  const isSame = edited.text === home.text && isEqualValue(edited.value, anew.value);
  return new Map([[path, isSame || hasAddedKeys(edited, anew, wanted) ? edited.text : anew.text]]);
}

function editInPlace(
  facts: ContainerdFacts,
  { path, text }: { readonly path: HostPath; readonly text: string },
  wanted: WantedHandlers,
  context: EngineContext,
): TomlDocument {
  const runtimes = runtimesPath(wanted.schema);
  const names = Object.keys(wanted.tables);
  const start = TomlDocument.parse(text, path);
  const attached = removeImports(start, path, ourImports(context));
  const cleaned = removeHandlers(attached, path, context, { runtimes, names });
  const isFirst = cleaned.get(runtimes) === undefined && start.get(runtimes) === undefined;
  const hidden = facts.loader.runtimesReplaceDefaults && isFirst;
  const based = hidden ? addDefault(cleaned, [...runtimes, 'runc'], path) : cleaned;
  return setHandlers(withDebug(based, path, facts, context), wanted);
}

/** Our handlers hide the default, so it must be written; the last installation removes it again. */
function addDefault(document: TomlDocument, place: readonly string[], file: HostPath): TomlDocument {
  const runc = getIn(defaultRuntimes, ['runc']) ?? {};
  return TomlDocument.parse(markAdded(document.text, document.set(place, runc).text), file);
}

/** Where foreign files have `debug` or `trace`, ours could only lower it. */
function withDebug(
  document: TomlDocument,
  file: HostPath,
  facts: ContainerdFacts,
  context: EngineContext,
): TomlDocument {
  const owner = ownerName(context);
  const isWanted = context.debug === true && !isDebugging(foreignFiles(facts, context));
  return isWanted ? addDebug(document, owner, file) : dropDebug(document, owner, file);
}

/** The content of a drop-in: its handlers and its version. */
type WantedDropIn = WantedHandlers & { readonly version: number };

function textsWithDropIn(facts: ContainerdFacts, wanted: WantedDropIn, context: EngineContext): WantedTexts {
  const files = foreignFiles(facts, context);
  const [shared, own] = dropInPaths(context);
  // In a directory that links to a path outside the mounts, it would be written into our own container.
  const isSeen = facts.snapshot.contents.get(shared)?.kind !== 'hidden';
  const isShared = isSeen && files.some((file) => imports(file, shared));
  const path = isShared ? shared : own;
  const { userDropIn } = context;
  const userPath = userDropInPaths(context)[isShared ? 0 : 1];
  const user = userDropIn === undefined ? [] : [[userPath, userDropIn.text] as const];
  return new Map([
    [path, dropInText(facts, path, wanted, context)],
    ...user,
    [facts.mainPath, mainText(facts, isShared, wanted.version, context)],
  ]);
}

/** Imports our drop-in and then the user's, by one pattern where no other file imports them. */
function mainText(
  facts: ContainerdFacts,
  isShared: boolean,
  version: number,
  context: EngineContext,
): string {
  const path = facts.mainPath;
  const pattern = dropInsPattern(context);
  const main = foreignFiles(facts, context).find((file) => file.path === path);
  if (main === undefined) return markAdded('', renderDocument({ version, imports: [pattern] }));
  const record = context.owned.find((file) => file.path === path);
  const start = TomlDocument.parse(main.text, path);
  const surplus = ourImports(context).filter((each) => isShared || each !== pattern);
  const cleaned = removeHandlers(removeImports(start, path, surplus), path, context, undefined);
  const bare = dropDebug(removeDefault(cleaned, record), ownerName(context), path);
  if (isShared || main.imports.includes(pattern)) return bare.text;
  const attached = bare.addToArray(['imports'], pattern).text;
  return bare.get(['imports']) === undefined ? markAdded(bare.text, attached) : attached;
}

function dropInText(
  facts: ContainerdFacts,
  path: HostPath,
  wanted: WantedDropIn,
  context: EngineContext,
): string {
  const { version } = wanted;
  const kept = { runtimes: runtimesPath(wanted.schema), names: Object.keys(wanted.tables) };
  const setIn = (text: string, handlers: WantedHandlers): TomlDocument => {
    const start = TomlDocument.parse(text, path).set(['version'], version);
    const cleaned = removeHandlers(start, path, context, kept);
    return setHandlers(withDebug(cleaned, path, facts, context), handlers);
  };
  const head = renderDocument({ version }, 'Written by kata-deploy, which keeps what others add.');
  const present = facts.texts.get(path);
  if (present === undefined) return setIn(head, wanted).text;
  const edited = setIn(present, wanted);
  const record = context.owned.find((file) => file.path === path);
  // Where the file is older than our installation, its other settings stay.
  const isAllOurs = record !== undefined && record.original === undefined && isUnchanged(present, record);
  const anew = setIn(head, { ...wanted, present: {} });
  if (!isAllOurs || hasAddedKeys(edited, anew, wanted)) return edited.text;
  // Another order of handlers is no reason to change it and to restart the engine.
  return isEqualValue(TomlDocument.parse(present, path).value, anew.value) ? present : anew.text;
}

function restoredText(facts: ContainerdFacts, path: HostPath, context: EngineContext): string | undefined {
  const text = facts.texts.get(path);
  return text === undefined ? undefined : restoreFile(path, text, context);
}
