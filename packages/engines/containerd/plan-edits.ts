/** Plans which of containerd's files become what, so that it serves just the handlers that are wanted. */
import type { HostPath } from '@kata/host';
import { getIn, isEqualValue, renderDocument, TomlDocument } from '@kata/toml';
import type { EngineContext, FileEdit, Handler } from '../contract.ts';
import { dropInSchema } from './drop-in-schema.ts';
import { removeHandlers, removeImports, setHandlers, type WantedHandlers } from './edit-document.ts';
import { effectiveSchema, winningFile } from './effective-config.ts';
import {
  type ContainerdFacts,
  dropInPaths,
  foreignFiles,
  imports,
  ourDropIns,
  userDropInPaths,
} from './facts.ts';
import { defaultRuntimes, handlerTable } from './handler-table.ts';
import { runtimesPath } from './loaders.ts';
import { addDebug, dropDebug, markAdded, ownerName } from './marks.ts';
import { isAsWeLeft, putBack, removeDefault } from './put-back.ts';
import { refuseUnsafe } from './refuse-unsafe.ts';

/** Of the files that our handlers need; all others are put back. */
type WantedTexts = ReadonlyMap<HostPath, string>;

/**
 * Edits come in the order in which they are to be applied: drop-ins are written before a file imports them, and removed
 * after no file does, because a literal import of a missing file stops containerd.
 */
export function planEdits(
  facts: ContainerdFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): readonly FileEdit[] {
  if (handlers.length > 0) refuseUnsafe(facts, handlers, context);
  const wanted = wantedTexts(facts, handlers, context);
  const owned = context.owned.map((file) => file.path);
  const dropIns = ourDropIns(context);
  const paths = new Set([facts.mainPath, ...dropIns, ...owned, ...wanted.keys()]);
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

function wantedTexts(
  facts: ContainerdFacts,
  handlers: readonly Handler[],
  context: EngineContext,
): WantedTexts {
  if (handlers.length === 0) return new Map();
  const wanted = {
    tables: Object.fromEntries(handlers.map((each) => [each.name, handlerTable(each, facts.loader)])),
    known: context.known ?? [],
  };
  return facts.loader.handlersIn === 'main file'
    ? textsInPlace(facts, wanted, context)
    : textsWithDropIn(facts, { ...wanted, schema: dropInSchema(facts, context) }, context);
}

/** In the file whose section counts; each other file with such a section would go unread. */
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
  if (home === undefined || record === undefined || !isAsWeLeft(home.text, record)) {
    return new Map([[path, edited.text]]);
  }
  // What nobody else touched is made anew, so that nothing of earlier wishes stays; its order is no reason to change it.
  const anew = editInPlace(facts, { path, text: record.original ?? fresh }, wanted, context);
  const isSame = edited.text === home.text && isEqualValue(edited.value, anew.value);
  return new Map([[path, isSame ? home.text : anew.text]]);
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
  const attached = removeImports(start, path, ourDropIns(context));
  const cleaned = removeHandlers(attached, context.prefix, { runtimes, names });
  const isFirst = cleaned.get(runtimes) === undefined && start.get(runtimes) === undefined;
  const hidden = facts.loader.runtimesReplaceDefaults && isFirst;
  const based = hidden ? addDefault(cleaned, [...runtimes, 'runc'], path) : cleaned;
  return setHandlers(withDebug(based, path, context), wanted);
}

/** Our handlers hide the default, so it must be said; the last installation takes it out again. */
function addDefault(document: TomlDocument, place: readonly string[], file: HostPath): TomlDocument {
  const runc = getIn(defaultRuntimes, ['runc']) ?? {};
  return TomlDocument.parse(markAdded(document.text, document.set(place, runc).text), file);
}

function withDebug(document: TomlDocument, file: HostPath, context: EngineContext): TomlDocument {
  const owner = ownerName(context);
  return context.debug === true ? addDebug(document, owner, file) : dropDebug(document, owner, file);
}

function textsWithDropIn(
  facts: ContainerdFacts,
  wanted: WantedHandlers,
  context: EngineContext,
): WantedTexts {
  const files = foreignFiles(facts, context);
  const [shared, own] = dropInPaths(context);
  const isShared = files.some((file) => imports(file, shared));
  const path = isShared ? shared : own;
  const { userDropIn } = context;
  const userPath = userDropInPaths(context)[isShared ? 0 : 1];
  const user = userDropIn === undefined ? [] : [[userPath, userDropIn.text] as const];
  const dropIns = [path, ...user.map(([each]) => each)];
  return new Map([
    [path, dropInText(facts, path, wanted, context)],
    ...user,
    [facts.mainPath, mainText(facts, dropIns, wanted.schema, context)],
  ]);
}

/** Imports ours and then the person's. */
function mainText(
  facts: ContainerdFacts,
  dropIns: readonly HostPath[],
  version: number,
  context: EngineContext,
): string {
  const path = facts.mainPath;
  const foreign = foreignFiles(facts, context);
  const main = foreign.find((file) => file.path === path);
  if (main === undefined) return markAdded('', renderDocument({ version, imports: dropIns }));
  const surplus = ourDropIns(context).filter((each) => !dropIns.includes(each));
  const record = context.owned.find((file) => file.path === path);
  const start = TomlDocument.parse(main.text, path);
  const cleaned = removeHandlers(removeImports(start, path, surplus), context.prefix, undefined);
  const bare = dropDebug(removeDefault(cleaned, record), ownerName(context), path);
  const missing = dropIns.filter((each) => !foreign.some((file) => imports(file, each)));
  const attached = missing.reduce((each, dropIn) => each.addToArray(['imports'], dropIn), bare).text;
  return bare.get(['imports']) === undefined ? markAdded(bare.text, attached) : attached;
}

function dropInText(
  facts: ContainerdFacts,
  path: HostPath,
  wanted: WantedHandlers,
  context: EngineContext,
): string {
  const version = wanted.schema;
  const runtimes = runtimesPath(version);
  const head = renderDocument({ version }, 'Written by kata-deploy, which keeps what others add.');
  const present = facts.texts.get(path);
  const record = context.owned.find((file) => file.path === path);
  // Where it was somebody else's before us, what it said besides handlers stays.
  const isAllOurs =
    record !== undefined && record.original === undefined && isAsWeLeft(present ?? '', record);
  const isOnlyOurs = present === undefined || isAllOurs;
  const start = TomlDocument.parse(isOnlyOurs ? head : present, path).set(['version'], version);
  const names = Object.keys(wanted.tables);
  const cleaned = removeHandlers(start, context.prefix, { runtimes, names });
  return setHandlers(withDebug(cleaned, path, context), wanted).text;
}

function restoredText(facts: ContainerdFacts, path: HostPath, context: EngineContext): string | undefined {
  const text = facts.texts.get(path);
  return text === undefined ? undefined : putBack(path, text, context);
}
