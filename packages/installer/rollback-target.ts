/** Finds the release to go back to, and what it has; refuses one that is not there or not whole. */
import { posix } from 'node:path';
import { type ReleaseManifest, type Store, verifyRelease } from '@kata/artifacts';
import { exitCodes, KataError } from '@kata/core';
import type { HostFiles, HostPath } from '@kata/host';
import { releaseDirectory } from '@kata/kata';
import type { Action } from './actions.ts';
import type { HandlerEntry, NodeFacts } from './facts.ts';
import type { RollbackTarget } from './plan-rollback.ts';
import { emptyRecord } from './record.ts';
import { isServedAs } from './plan-switch.ts';
import { topLevelOf } from './wanted-release.ts';

/** `wanted`: an id, or a version of which there is just one release; undefined: the recorded previous release. */
export async function readRollbackTarget(
  store: Store,
  facts: NodeFacts,
  wanted: string | undefined,
): Promise<RollbackTarget> {
  refuseUnfinishedAdoption(facts);
  const manifest = findManifest(facts, wanted);
  await checkRelease(store, manifest.id, 'at a glance');
  const handlers = await ownHandlers(store, facts, manifest.id);
  const kept = facts.sandboxes.length === 0 ? [] : missingHandlers(facts, handlers);
  const takeovers: Action[] = [];
  for (const handler of [...kept, ...movedHandlers(facts, handlers)])
    takeovers.push(...(await takeOver(store, facts, manifest.id, handler)));
  return {
    id: manifest.id,
    version: manifest.version,
    topLevel: topLevelOf(manifest),
    shimInfo: manifest.shimInfo ?? {},
    handlers,
    kept,
    // Two handlers may share their shim.
    takeovers: [...new Map(takeovers.map((action) => [JSON.stringify(action), action])).values()],
  };
}

/** @throws KataError `KATA_ROLLBACK_DAMAGED` that names the first file and its component. */
export async function checkRelease(
  store: Store,
  id: string,
  depth: 'content' | 'at a glance',
  onProgress?: (progress: { readonly done: number; readonly of: number }) => void,
): Promise<void> {
  const options = onProgress === undefined ? { depth } : { depth, onProgress };
  const [first, ...others] = await verifyRelease(store, id, options);
  if (first === undefined) return;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  throw damaged(
    id,
    `${first.path} of component ${first.component}: ${first.problem} is ${first.found} instead of ${first.expected}${more}`,
  );
}

/** Links of ours are not in their places yet. */
function refuseUnfinishedAdoption({ record }: NodeFacts): void {
  if (record?.adopted?.pending !== true) return;
  throw refusal(
    'the adoption of another installation was interrupted',
    'run it again first: kata-deploy install',
    {},
  );
}

function findManifest(facts: NodeFacts, wanted: string | undefined): ReleaseManifest {
  const { record, goal, releases } = facts;
  // A rollback that was killed has exchanged current and previous already.
  const resumed = goal?.command === 'rollback' ? goal.release : undefined;
  const name = wanted ?? resumed ?? record?.previous ?? undefined;
  if (name === undefined) {
    throw refusal('there is no release to go back to', 'install another version first', {});
  }
  const ofVersion = [...releases.values()].filter((release) => release.version === name);
  const found = releases.get(name) ?? (ofVersion.length === 1 ? ofVersion[0] : undefined);
  if (found !== undefined) return found;
  const why = facts.damaged.get(name);
  if (why !== undefined) throw damaged(name, why);
  const known = [...releases.keys()].join(', ') || 'none';
  throw refusal(
    ofVersion.length > 1
      ? `there are ${ofVersion.length} releases of version ${name}`
      : `there is no release ${name} in the store`,
    `releases here: ${known}`,
    { release: name },
  );
}

/** As they were recorded; of a release that no run of this version finished, all that it has a configuration for. */
async function ownHandlers(store: Store, facts: NodeFacts, id: string): Promise<readonly HandlerEntry[]> {
  const { handlers, handlersByRelease } = facts.record ?? emptyRecord;
  const recorded = handlersByRelease[id];
  const known = recorded ?? [handlers, ...Object.values(handlersByRelease)].flat();
  const found = new Map<string, HandlerEntry>();
  for (const handler of known) {
    const path = insideRelease(store, id, handler.configPath);
    if ((await store.files.info(path)) !== undefined) found.set(handler.name, handler);
    else if (recorded !== undefined) {
      throw damaged(id, `${path}, the configuration of ${handler.name}, is missing`);
    }
  }
  if (found.size > 0) return [...found.values()];
  throw damaged(id, 'it has no configuration of any handler');
}

function missingHandlers({ record }: NodeFacts, own: readonly HandlerEntry[]): readonly HandlerEntry[] {
  const names = new Set(own.map((handler) => handler.name));
  return (record ?? emptyRecord).handlers.filter((handler) => !names.has(handler.name));
}

/** Until the engine's files say what they shall, they name the shim and the configuration that are served now. */
function movedHandlers({ engine }: NodeFacts, own: readonly HandlerEntry[]): readonly HandlerEntry[] {
  const names = new Set(own.map((handler) => handler.name));
  return engine.found.filter((handler) => names.has(handler.name) && !isServedAs(handler, own));
}

/** What the target lacks behind a handler: its configuration is copied, its shim is led to where it is. */
async function takeOver(
  store: Store,
  facts: NodeFacts,
  id: string,
  { shimPath, configPath }: HandlerEntry,
): Promise<readonly Action[]> {
  const current = facts.links.get('current')?.target;
  if (current === undefined) return [];
  const source = posix.basename(current);
  if (source === id) return [];
  const actions: Action[] = [];
  for (const path of await listConfiguration(store.files, insideRelease(store, source, configPath))) {
    const place = path.replace(releaseDirectory(store.prefix, source), releaseDirectory(store.prefix, id));
    const content = await store.files.read(path);
    if (content === undefined || (await store.files.info(place as HostPath)) !== undefined) continue;
    const after = content.toString('utf8');
    actions.push({
      kind: 'file.write',
      path: place as HostPath,
      before: undefined,
      after,
      area: 'release',
    });
  }
  const shim = insideRelease(store, id, shimPath);
  if ((await store.files.info(shim)) === undefined) {
    actions.push({
      kind: 'link.set',
      path: shim,
      before: undefined,
      target: insideRelease(store, source, shimPath),
    });
  }
  return actions;
}

async function listConfiguration(files: HostFiles, configuration: HostPath): Promise<readonly HostPath[]> {
  const folder: HostPath = `${posix.dirname(configuration) as HostPath}/config.d`;
  const names = await files.list(folder);
  return [configuration, ...names.map((name): HostPath => `${folder}/${name}`)];
}

/** Where a path that stays leads while a release is in force; one elsewhere is the same in all, such as a wrapper's. */
function insideRelease(store: Store, id: string, path: HostPath): HostPath {
  if (!path.startsWith(`${store.prefix}/`)) return path;
  return `${releaseDirectory(store.prefix, id)}${path.slice(store.prefix.length) as HostPath}`;
}

function damaged(id: string, why: string): KataError {
  return new KataError('KATA_ROLLBACK_DAMAGED', `release ${id} cannot be switched to: ${why}`, {
    exitCode: exitCodes.verification,
    hint: 'install that version again from its own image',
    details: { release: id },
  });
}

function refusal(message: string, hint: string, details: Readonly<Record<string, unknown>>): KataError {
  return new KataError('KATA_ROLLBACK_NONE', message, { exitCode: exitCodes.precondition, hint, details });
}
