/** Plans the switch to a release that is in the store: links, what the engine is told, its restart. Pure. */
import { posix } from 'node:path';
import type { FileEdit } from '@kata/engines';
import type { HostPath } from '@kata/host';
import type { Action } from './actions.ts';
import type { EngineFacts, HandlerEntry, NodeFacts } from './facts.ts';
import { emptyRecord } from './record.ts';
import { unneededReleases } from './release-needs.ts';

export interface SwitchTarget {
  readonly id: string;
  /** First parts of the paths in it, such as `bin` and `VERSION`. */
  readonly topLevel: readonly string[];
  /** See `PayloadManifest`. */
  readonly shimInfo: Readonly<Record<string, string>>;
}

export function planSwitch(
  prefix: HostPath,
  target: SwitchTarget,
  handlers: readonly HandlerEntry[],
  facts: NodeFacts,
): readonly Action[] {
  const record = facts.record ?? emptyRecord;
  const links = planLinks(prefix, target, facts);
  const edits = facts.engine.planEdits(handlers, record).map(editAction);
  const forLoading = loadReasons(facts.engine, edits, handlers);
  const forInfo = infoReasons(facts.engine, shimInfoDiffers(prefix, target, handlers, facts));
  const restart = (reasons: readonly string[]): readonly Action[] =>
    reasons.length === 0 ? [] : [{ kind: 'engine.restart', unit: facts.engine.unit, reasons }];
  const engine = onlyDrops(handlers, record.handlers)
    ? // The engine forgets them first: their configurations are not in the next release.
      [...edits, ...restart(forLoading), ...links, ...restart(forInfo)]
    : [...links, ...edits, ...restart([...forLoading, ...forInfo])];
  const previous = record.current === target.id ? record.previous : record.current;
  const old = unneededReleases([target.id, previous], facts).map((id): Action => ({
    kind: 'release.remove',
    release: id,
  }));
  return [...engine, ...old];
}

function onlyDrops(wanted: readonly HandlerEntry[], known: readonly HandlerEntry[]): boolean {
  const names = new Set(known.map((handler) => handler.name));
  return names.size > wanted.length && wanted.every((handler) => names.has(handler.name));
}

/** `current` first: the other links lead through it. */
export function planLinks(
  prefix: HostPath,
  target: Pick<SwitchTarget, 'id' | 'topLevel'>,
  facts: Pick<NodeFacts, 'links'>,
): readonly Extract<Action, { kind: 'link.set' }>[] {
  const targets: [string, string][] = [['current', `releases/${target.id}`]];
  for (const name of target.topLevel) targets.push([name, `current/${name}`]);
  const actions: Extract<Action, { kind: 'link.set' }>[] = [];
  for (const [name, text] of targets) {
    const before = facts.links.get(name)?.target;
    if (before !== text) actions.push({ kind: 'link.set', path: `${prefix}/${name}`, before, target: text });
  }
  return actions;
}

export function editAction(edit: FileEdit): Action {
  const { path, before, after, original } = edit;
  return after === undefined
    ? { kind: 'file.remove', path, before: before ?? '', area: 'engine' }
    : { kind: 'file.write', path, before, after, area: 'engine', original };
}

/** The engine is restarted exactly when it has not loaded what is on disk. */
function loadReasons(
  engine: EngineFacts,
  edits: readonly Action[],
  handlers: readonly HandlerEntry[],
): readonly string[] {
  const reasons: string[] = [];
  const changed = edits.filter((edit) => edit.kind === 'file.write' || edit.kind === 'file.remove');
  if (changed.length > 0) reasons.push(`it must read ${changed.map((edit) => edit.path).join(', ')}`);
  else if (isStale(engine)) reasons.push('a file that it reads changed after its start');
  const served = engine.served;
  const missing = handlers.filter((handler) => served?.includes(handler.name) !== true);
  if (changed.length === 0 && missing.length > 0) {
    reasons.push(`it does not serve ${missing.map((handler) => handler.name).join(', ')}`);
  }
  return reasons;
}

function infoReasons(engine: EngineFacts, differs: boolean): readonly string[] {
  return differs && engine.keepsShimInfo ? ['what it keeps about the shim has changed'] : [];
}

export function isStale(engine: EngineFacts): boolean {
  const { configChangedMs, startedAtMs } = engine;
  return configChangedMs !== undefined && startedAtMs !== undefined && configChangedMs > startedAtMs;
}

/** Unknown counts as different; a first installation has nothing to differ from. */
function shimInfoDiffers(
  prefix: HostPath,
  target: SwitchTarget,
  handlers: readonly HandlerEntry[],
  facts: NodeFacts,
): boolean {
  const known = releaseAtStart(target.id, facts);
  if (known === undefined) return false;
  const before = facts.releases.get(known)?.shimInfo ?? {};
  // Of all handlers, whosever: the engine keeps an answer per path.
  const paths = new Set(handlers.map(({ shimPath }) => shimPath.slice(prefix.length + 1)));
  return [...paths].some((path) => before[path] === undefined || before[path] !== target.shimInfo[path]);
}

/** Another release that was in force when the engine started; the record may be ahead of the link, when a run was killed. */
function releaseAtStart(targetId: string, facts: NodeFacts): string | undefined {
  const link = facts.links.get('current');
  if (link?.target === undefined) return undefined;
  const linked = posix.basename(link.target);
  if (linked !== targetId) return linked;
  const { startedAtMs } = facts.engine;
  const isOlder = startedAtMs !== undefined && startedAtMs < link.modifiedMs;
  return isOlder ? (facts.record?.previous ?? undefined) : undefined;
}
