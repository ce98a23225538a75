/** Plans the switch to a release in the store: links, the engine's files, its restart. Pure. */
import { posix } from 'node:path';
import type { DesiredEngine } from '@kata/artifacts';
import type { FileEdit } from '@kata/engines';
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import type { Action } from '../state/actions.ts';
import type { EngineFacts } from '../engine/engine-facts.ts';
import { planDrops, planEdits } from '../engine/plan-edits.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { emptyRecord } from '../state/record.ts';
import { unusedReleases } from '../facts/release-needs.ts';
import { answerAlike, type ShimBinaries, shimsOf } from './shim-answers.ts';

export interface SwitchTarget {
  readonly id: string;
  /** First parts of the paths in it, such as `bin` and `VERSION`. */
  readonly topLevel: readonly string[];
  readonly shims: ShimBinaries;
  /** The engine's configuration in addition to handlers; undefined: that of today's settings. */
  readonly engine?: DesiredEngine | undefined;
}

export function planSwitch(
  prefix: HostPath,
  target: SwitchTarget,
  handlers: readonly Handler[],
  facts: NodeFacts,
): readonly Action[] {
  const record = facts.record ?? emptyRecord;
  const previous = record.current === target.id ? record.previous : record.current;
  const old = unusedReleases([target.id, previous], facts).map((id): Action => ({
    kind: 'release.remove',
    release: id,
  }));
  return [...planEngine(prefix, target, handlers, facts), ...planDeadLinks(prefix, target, facts), ...old];
}

/** Links and the engine's files, in an order in which each configured handler has its files at every instant. */
function planEngine(
  prefix: HostPath,
  target: SwitchTarget,
  handlers: readonly Handler[],
  facts: NodeFacts,
): readonly Action[] {
  const { engine } = facts;
  const record = facts.record ?? emptyRecord;
  const edits = planEdits(engine, handlers, record, target.engine);
  const infos = infoReasons(engine, shimInfoDiffers(prefix, target, handlers, facts));
  const links = planLinks(prefix, target, facts).map((link): Action => ({
    ...link,
    ...(infos.length > 0 && link.path === `${prefix}/current` ? { awaitsRestart: true } : {}),
  }));
  const restart = (reasons: readonly string[]): readonly Action[] =>
    reasons.length === 0 ? [] : [{ kind: 'engine.restart', unit: engine.unit, reasons }];
  const dropped = engine.found.map(({ name }) => name).filter((name) => !isNamed(name, handlers));
  if (dropped.length > 0 && handlers.every((handler) => isServedAs(handler, engine.found))) {
    // The engine drops them first: their configurations are not in the next release.
    const actions = edits.map(editAction);
    return [...actions, ...restart(loadReasons(facts, actions, handlers)), ...links, ...restart(infos)];
  }
  // New handlers have their files only after the switch, dropped handlers only before it.
  const drops = dropped.length === 0 ? [] : planDrops(engine, dropped, record);
  const rest = editsAfter(drops, edits).map(editAction);
  const first = drops.map(editAction);
  const reasons = [...loadReasons(facts, [...first, ...rest], handlers), ...infos];
  return [...first, ...links, ...rest, ...restart(reasons)];
}

function isNamed(name: string, handlers: readonly Handler[]): boolean {
  return handlers.some((handler) => handler.name === name);
}

/** Whether the engine's files name the same shim and configuration for it. */
export function isServedAs(wanted: Handler, found: readonly Handler[]): boolean {
  return found.some(
    ({ name, shimPath, configPath }) =>
      name === wanted.name && shimPath === wanted.shimPath && configPath === wanted.configPath,
  );
}

/** Rebases edits on earlier ones: each edit has the whole text of its file, so only `before` changes. */
function editsAfter(first: readonly FileEdit[], edits: readonly FileEdit[]): readonly FileEdit[] {
  return edits
    .map((edit) => {
      const earlier = first.find(({ path }) => path === edit.path);
      return earlier === undefined ? edit : { ...edit, before: earlier.after };
    })
    .filter(({ before, after }) => before !== after);
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

/** Our links that dangle in the target release; they stay while a sandbox may use them. */
function planDeadLinks(
  prefix: HostPath,
  { topLevel }: Pick<SwitchTarget, 'topLevel'>,
  { links, sandboxes }: Pick<NodeFacts, 'links' | 'sandboxes'>,
): readonly Action[] {
  if (sandboxes.length > 0) return [];
  return [...links].flatMap(([name, { target = '' }]): Action[] => {
    const isDead = target === `current/${name}` && !topLevel.includes(name);
    return isDead ? [{ kind: 'link.remove', path: `${prefix}/${name}`, before: target }] : [];
  });
}

export function editAction(edit: FileEdit): Action {
  const { path, before, after, original } = edit;
  return after === undefined
    ? { kind: 'file.remove', path, before: before ?? '', area: 'engine' }
    : { kind: 'file.write', path, before, after, area: 'engine', original };
}

export const notLoaded = 'it has not been started since an interrupted run changed its configuration';

/** Reasons to restart the engine: it has not loaded our changes. Foreign changes are no reason. */
function loadReasons(
  { engine, engineNote }: Pick<NodeFacts, 'engine' | 'engineNote'>,
  edits: readonly Action[],
  handlers: readonly Handler[],
): readonly string[] {
  const reasons: string[] = [];
  const changed = edits.filter((edit) => edit.kind === 'file.write' || edit.kind === 'file.remove');
  const paths = [...new Set(changed.map((edit) => edit.path))];
  if (changed.length > 0) reasons.push(`it must load ${paths.join(', ')}`);
  else if (engineNote !== 'loaded') reasons.push(notLoaded);
  const served = engine.served;
  const missing = handlers.filter((handler) => served?.includes(handler.name) !== true);
  if (changed.length === 0 && missing.length > 0) {
    reasons.push(`it does not serve ${missing.map((handler) => handler.name).join(', ')}`);
  }
  return reasons;
}

function infoReasons(engine: EngineFacts, differs: boolean): readonly string[] {
  return differs && engine.keepsShimInfo ? ['the shim information that it caches has changed'] : [];
}

/** Unknown information counts as different. At a first installation nothing differs. */
function shimInfoDiffers(
  prefix: HostPath,
  target: SwitchTarget,
  handlers: readonly Handler[],
  facts: NodeFacts,
): boolean {
  const linked = facts.links.get('current')?.target;
  // When the link is set already, the journal has whether the engine was started since.
  const known = linked === undefined ? undefined : posix.basename(linked);
  if (known === undefined || known === target.id) return false;
  const release = facts.releases.get(known);
  const before: ShimBinaries = release === undefined ? new Map() : shimsOf(release);
  // Of all handlers: the engine caches an answer per path.
  const paths = new Set(handlers.map(({ shimPath }) => shimPath.slice(prefix.length + 1)));
  return [...paths].some((path) => {
    const [old, next] = [before.get(path), target.shims.get(path)];
    // A shim that the target does not have is linked to its earlier release.
    return old === undefined || (next !== undefined && !answerAlike(old, next));
  });
}
