/** Finds the release to roll back to and its contents; refuses a missing or damaged one. */
import {
  type PlacedEntry,
  type ReleaseManifest,
  type Store,
  verifyRelease,
  type VerifyReleaseOptions,
} from '@kata/artifacts';
import { exitCodes, KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import { type Handler, releaseDirectory } from '@kata/kata';
import { versionOf } from '@kata/node';
import type { Action } from '../state/actions.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { emptyRecord } from '../state/record.ts';
import type { RollbackTarget } from './plan-rollback.ts';
import { handlersOfRelease } from '../facts/handlers-of-release.ts';
import { insideRelease, releaseOf } from '../facts/handler-paths.ts';
import { isServedAs } from './plan-switch.ts';
import { readRetainedFiles } from '../facts/retained-files.ts';
import { shimsOf } from './shim-answers.ts';
import { topLevelOf } from './wanted-release.ts';

export interface TargetOptions {
  /** Keeps all recorded handlers, also when no sandbox is running: restoring a node must not drop any. */
  readonly keepsHandlers?: boolean | undefined;
}

/** `wanted`: an id, or a version with exactly one release; undefined: the recorded previous release. */
export async function readRollbackTarget(
  store: Store,
  facts: NodeFacts,
  wanted: string | undefined,
  { keepsHandlers = false }: TargetOptions = {},
): Promise<RollbackTarget> {
  refuseUnfinishedAdoption(facts);
  const manifest = findManifest(facts, wanted);
  await checkRelease(store, facts, manifest.id, { depth: 'metadata' });
  const handlers = await ownHandlers(store, facts, manifest);
  const retains = keepsHandlers || facts.sandboxes.length > 0;
  const retained = retains ? missingHandlers(facts, handlers) : [];
  return {
    id: manifest.id,
    version: manifest.version,
    topLevel: topLevelOf(manifest),
    shims: shimsOf(manifest),
    ...(manifest.schema === 1 ? {} : { engine: manifest.engine }),
    handlers,
    retained,
    retainedFiles: [
      ...(await planRetainedFiles(store, facts, manifest, retained, 'renew')),
      ...(await planRetainedFiles(store, facts, manifest, movedHandlers(facts, handlers), 'leave')),
    ],
  };
}

/** @throws KataError `KATA_ROLLBACK_DAMAGED` with the first damaged file and its component. */
export async function checkRelease(
  store: Store,
  facts: NodeFacts,
  id: string,
  options: VerifyReleaseOptions,
): Promise<void> {
  const [first, ...others] = await verifyRelease(store, id, options);
  if (first === undefined) return;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  throw damaged(
    facts,
    id,
    `${first.path} of component ${first.component}${first.problem === 'missing' ? ' is missing' : `: ${first.problem} is ${first.found} instead of ${first.expected}`}${more}`,
  );
}

/** Our links are not complete yet. */
function refuseUnfinishedAdoption({ record }: NodeFacts): void {
  if (record?.adopted?.pending !== true) return;
  throw refusal(
    'the adoption of another installation was interrupted',
    'finish it first, run: kata-deploy install',
    {},
  );
}

function findManifest(facts: NodeFacts, wanted: string | undefined): ReleaseManifest {
  const { record, goal, releases } = facts;
  // A killed rollback may have exchanged current and previous already.
  const resumed = goal?.command === 'rollback' ? goal.release : undefined;
  const name = wanted ?? resumed ?? record?.previous ?? undefined;
  if (name === undefined) {
    throw refusal('there is no release to roll back to', 'install another version first', {});
  }
  const ofVersion = [...releases.values()].filter((release) => release.version === name);
  const found = releases.get(name) ?? (ofVersion.length === 1 ? ofVersion[0] : undefined);
  if (found !== undefined) return found;
  const why = facts.damaged.get(name);
  if (why !== undefined) throw damaged(facts, name, why);
  const known = [...releases.keys()].join(', ') || 'none';
  throw refusal(
    ofVersion.length > 1
      ? `there are ${ofVersion.length} releases of version ${name}`
      : `there is no release ${name} in the store`,
    `releases in the store: ${known}`,
    { release: name },
  );
}

/** Handlers of the manifest or the record; else, of a release that no run of this version completed, all that it has a configuration for. */
async function ownHandlers(
  { files, prefix }: Store,
  facts: NodeFacts,
  manifest: ReleaseManifest,
): Promise<readonly Handler[]> {
  const { handlers, handlersByRelease } = facts.record ?? emptyRecord;
  const { id } = manifest;
  const told = handlersOfRelease(manifest, facts.record);
  const known = told ?? [handlers, ...Object.values(handlersByRelease)].flat();
  const found = new Map<string, Handler>();
  for (const handler of known) {
    const path = insideRelease(prefix, id, handler.configPath);
    if ((await files.info(path)) !== undefined) found.set(handler.name, handler);
    else if (told !== undefined)
      throw damaged(facts, id, `${path}, the configuration of ${handler.name}, is missing`);
  }
  if (found.size > 0) return [...found.values()];
  throw damaged(facts, id, 'it has no configuration for any handler');
}

function missingHandlers({ record }: NodeFacts, own: readonly Handler[]): readonly Handler[] {
  const names = new Set(own.map((handler) => handler.name));
  return (record ?? emptyRecord).handlers.filter((handler) => !names.has(handler.name));
}

/** Handlers whose paths change: until the engine's files are edited, they name the present shim and configuration. */
function movedHandlers({ engine }: NodeFacts, own: readonly Handler[]): readonly Handler[] {
  const names = new Set(own.map((handler) => handler.name));
  return engine.found.filter((handler) => names.has(handler.name) && !isServedAs(handler, own));
}

/**
 * Adds missing files of handlers to the target, which is not active yet. `known`: what to do with files that were added
 * when it was active before; those of a retained handler may name a release that was removed since.
 */
async function planRetainedFiles(
  { files, prefix }: Store,
  facts: NodeFacts,
  manifest: ReleaseManifest,
  handlers: readonly Handler[],
  known: 'renew' | 'leave',
): Promise<readonly Action[]> {
  const source = releaseOf(facts.links.get('current')?.target);
  if (source === undefined || source === manifest.id) return [];
  const own = ownPaths(manifest);
  const retained = await readRetainedFiles(files, handlers, { prefix, source, paths: own });
  const actions: Action[] = [];
  for (const [name, entry] of retained) {
    const path: HostPath = `${releaseDirectory(prefix, manifest.id)}/${name}`;
    const there = await readThere(files, path);
    if (there !== undefined && known === 'leave') continue;
    actions.push(...planEntry(path, there, entry));
  }
  return actions;
}

/** The entry itself, without following links. */
async function readThere(files: HostFiles, path: HostPath): Promise<PlacedEntry | undefined> {
  const info = await files.info(path);
  if (info?.kind === 'link') return { kind: 'link', target: info.target ?? '' };
  const content = info?.kind === 'file' ? await files.read(path) : undefined;
  return content === undefined || info === undefined
    ? undefined
    : { kind: 'file', content, mode: info.mode, like: path };
}

/** Paths of its packed and generated files. */
function ownPaths(manifest: ReleaseManifest): ReadonlySet<string> {
  const generated = manifest.schema === 1 ? [] : manifest.generated;
  return new Set([...manifest.entries, ...generated].map(({ path }) => path));
}

function planEntry(path: HostPath, there: PlacedEntry | undefined, entry: PlacedEntry): readonly Action[] {
  if (entry.kind === 'link') {
    const before = there?.kind === 'link' ? there.target : undefined;
    if (before === entry.target) return [];
    const set: Action = { kind: 'link.set', path, before, target: entry.target };
    return there?.kind === 'file' ? [removal(path, there), set] : [set];
  }
  const after = textOf(entry);
  const before = there?.kind === 'file' ? textOf(there) : undefined;
  if (before === after) return [];
  const write: Action = { kind: 'file.write', path, before, after, mode: entry.mode, area: 'release' };
  return there?.kind === 'link' ? [{ kind: 'link.remove', path, before: there.target }, write] : [write];
}

function removal(path: HostPath, there: Extract<PlacedEntry, { kind: 'file' }>): Action {
  return { kind: 'file.remove', path, before: textOf(there), area: 'release' };
}

function textOf({ content }: Extract<PlacedEntry, { kind: 'file' }>): string {
  return Buffer.from(content).toString('utf8');
}

/** Nothing has to switch to the active release. */
function damaged({ record }: NodeFacts, id: string, why: string): KataError {
  const what =
    record?.current === id ? `the active release ${id} is damaged` : `cannot switch to release ${id}`;
  return new KataError('KATA_ROLLBACK_DAMAGED', `${what}: ${why}`, {
    exitCode: exitCodes.verification,
    hint: `with the image of version ${versionOf(id)}, run: kata-deploy install --once --repair`,
    details: { release: id },
  });
}

function refusal(message: string, hint: string, details: Readonly<Record<string, unknown>>): KataError {
  return new KataError('KATA_ROLLBACK_NONE', message, { exitCode: exitCodes.precondition, hint, details });
}
