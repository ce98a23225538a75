/** Plans which of containerd's files become what, so that it serves just the handlers that are wanted. */
import type { HostPath } from '@kata/host';
import { renderDocument, setIn, type TomlTable, TomlDocument } from '@kata/toml';
import type { EngineContext, FileEdit, Handler } from '../contract.ts';
import { removeHandlers, removeImports, setHandlers } from './edit-document.ts';
import { effectiveSchema, winningFile } from './effective-config.ts';
import { type ContainerdFacts, dropInPaths, foreignFiles, imports } from './facts.ts';
import { defaultRuntimes, handlerTable } from './handler-table.ts';
import { runtimesPath } from './loaders.ts';
import { isAsWeLeft, putBack } from './put-back.ts';
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
  const paths = new Set([facts.mainPath, ...dropInPaths(context), ...owned, ...wanted.keys()]);
  const dropIns = dropInPaths(context);
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
  const tables = Object.fromEntries(handlers.map((each) => [each.name, handlerTable(each, facts.loader)]));
  return facts.loader.handlersIn === 'main file'
    ? textsInPlace(facts, tables, context)
    : textsWithDropIn(facts, tables, context);
}

/** In the file whose section counts; each other file with such a section would go unread. */
function textsInPlace(facts: ContainerdFacts, handlers: TomlTable, context: EngineContext): WantedTexts {
  const files = foreignFiles(facts, context);
  const home = winningFile(facts.loader, files);
  const schema = home === undefined ? facts.loader.newestSchema : effectiveSchema(facts.loader, files);
  const runtimes = runtimesPath(schema);
  const path = home?.path ?? facts.mainPath;
  const start = TomlDocument.parse(home?.text ?? renderDocument({ version: schema }), path);
  const attached = removeImports(start, path, dropInPaths(context));
  const cleaned = removeHandlers(attached, context.prefix, { runtimes, names: Object.keys(handlers) });
  const isFirst = cleaned.get(runtimes) === undefined && start.get(runtimes) === undefined;
  const needed =
    facts.loader.runtimesReplaceDefaults && isFirst ? { ...defaultRuntimes, ...handlers } : handlers;
  return new Map([[path, setHandlers(cleaned, runtimes, needed).text]]);
}

function textsWithDropIn(facts: ContainerdFacts, handlers: TomlTable, context: EngineContext): WantedTexts {
  const files = foreignFiles(facts, context);
  const [shared, own] = dropInPaths(context);
  const path = files.some((file) => imports(file, shared)) ? shared : own;
  return new Map([
    [path, dropInText(facts, path, handlers, context)],
    [facts.mainPath, mainText(facts, path, context)],
  ]);
}

function mainText(facts: ContainerdFacts, dropIn: HostPath, context: EngineContext): string {
  const { mainPath } = facts;
  const main = foreignFiles(facts, context).find((file) => file.path === mainPath);
  if (main === undefined) return renderDocument({ version: dropInSchema(facts, context), imports: [dropIn] });
  const surplus = dropInPaths(context).filter((path) => path !== dropIn);
  const start = TomlDocument.parse(main.text, mainPath);
  const cleaned = removeHandlers(removeImports(start, mainPath, surplus), context.prefix, undefined);
  const isImported = foreignFiles(facts, context).some((file) => imports(file, dropIn));
  return (isImported ? cleaned : cleaned.addToArray(['imports'], dropIn)).text;
}

function dropInText(
  facts: ContainerdFacts,
  path: HostPath,
  handlers: TomlTable,
  context: EngineContext,
): string {
  const version = dropInSchema(facts, context);
  const runtimes = runtimesPath(version);
  const fresh = renderDocument(
    setIn({ version }, runtimes, handlers) ?? {},
    'Written by kata-deploy, which keeps what others add.',
  );
  const present = facts.texts.get(path);
  const record = context.owned.find((file) => file.path === path);
  const isAllOurs =
    record !== undefined && record.original === undefined && isAsWeLeft(present ?? '', record);
  if (present === undefined || isAllOurs) return fresh;
  const start = TomlDocument.parse(present, path).set(['version'], version);
  const cleaned = removeHandlers(start, context.prefix, { runtimes, names: Object.keys(handlers) });
  return setHandlers(cleaned, runtimes, handlers).text;
}

/**
 * Containerd 2.0 to 2.2 merges its files before it migrates them, so a drop-in must speak their schema. From 2.3 on the
 * lower of the main file's schema and 3 is understood, also after a step back to 2.2.
 */
function dropInSchema(facts: ContainerdFacts, context: EngineContext): number {
  if (!facts.loader.migratesEachFile) return effectiveSchema(facts.loader, foreignFiles(facts, context));
  return facts.schema === undefined || facts.schema < 2 ? 3 : Math.min(facts.schema, 3);
}

function restoredText(facts: ContainerdFacts, path: HostPath, context: EngineContext): string | undefined {
  const text = facts.texts.get(path);
  return text === undefined ? undefined : putBack(path, text, context);
}
