/** Plans an installation or an upgrade. Pure: the same facts give the same plan, and applied facts give none. */
import { posix } from 'node:path';
import type { FileEdit } from '@kata/engines';
import type { HostPath } from '@kata/host';
import { shimBinary } from '@kata/kata';
import { planAdoption } from './adoption/plan-adoption.ts';
import type { Action, Plan } from './actions.ts';
import type { EngineFacts, HandlerEntry, NodeFacts } from './facts.ts';
import { emptyRecord } from './record.ts';
import type { Settings } from './settings/index.ts';
import { type WantedFiles, wantedHandlers } from './wanted-files.ts';

/** The release that a payload becomes under these settings. */
export interface WantedRelease extends WantedFiles {
  readonly id: string;
  readonly components: readonly string[];
  /** First parts of the paths in it, such as `bin` and `VERSION`. */
  readonly topLevel: readonly string[];
  /** See `PayloadManifest`. */
  readonly shimInfo: Readonly<Record<string, string>>;
  /** Handlers of an adopted installation that living sandboxes may need; their files are among `files`. */
  readonly carried: readonly HandlerEntry[];
}

export function planInstall(settings: Settings, wanted: WantedRelease, facts: NodeFacts): Plan {
  const adoption = planAdoption(settings.prefix, facts);
  if (adoption === undefined) return planSwitch(settings, wanted, facts);
  const plan = planSwitch(settings, wanted, adoption.facts);
  return {
    ...plan,
    actions: [...adoption.first, ...plan.actions, ...adoption.last],
    notes: [...adoption.notes, ...plan.notes],
  };
}

function planSwitch(settings: Settings, wanted: WantedRelease, facts: NodeFacts): Plan {
  const release: Action[] = facts.releases.has(wanted.id)
    ? []
    : [{ kind: 'release.write', release: wanted.id, components: wanted.components }];
  const files: Action[] = [];
  for (const [path, { text: after, mode }] of wanted.files) {
    const before = facts.generated.get(path);
    if (before !== after) files.push({ kind: 'file.write', path, before, after, mode, area: 'release' });
  }
  for (const path of wanted.absent) {
    const before = facts.generated.get(path);
    if (before !== undefined) files.push({ kind: 'file.remove', path, before, area: 'release' });
  }
  const engine = planEngine(settings, wanted, facts);
  const old = staleReleases(wanted.id, facts).map((id): Action => ({ kind: 'release.remove', release: id }));
  return {
    actions: [...release, ...files, ...engine, ...old],
    notes: facts.unfinished === undefined ? [] : [`an earlier run was interrupted: ${facts.unfinished}`],
    onFailure: 'undo',
  };
}

/** Links and the engine's files, in the order in which each handler in them has its files at every instant. */
function planEngine(settings: Settings, wanted: WantedRelease, facts: NodeFacts): readonly Action[] {
  const { engine } = facts;
  const record = facts.record ?? emptyRecord;
  const handlers = [...wantedHandlers(settings), ...wanted.carried];
  const links = planLinks(settings.prefix, wanted, facts);
  const edits = engine.planEdits(handlers, record);
  const infos = infoReasons(engine, shimInfoDiffers(settings, wanted, facts));
  const restart = (reasons: readonly string[]): readonly Action[] =>
    reasons.length === 0 ? [] : [{ kind: 'engine.restart', unit: engine.unit, reasons }];
  const dropped = engine.found.map(({ name }) => name).filter((name) => !isNamed(name, handlers));
  if (dropped.length > 0 && handlers.every((handler) => isServedAs(handler, engine.found))) {
    // The engine forgets them first: their configurations are not in the next release.
    const actions = edits.map(editAction);
    return [...actions, ...restart(loadReasons(engine, actions, handlers)), ...links, ...restart(infos)];
  }
  // What comes has its files after the switch only, what goes has them before it only.
  const drops = dropped.length === 0 ? [] : engine.planDrops(dropped, record);
  const rest = editsAfter(drops, edits).map(editAction);
  const first = drops.map(editAction);
  const reasons = [...loadReasons(engine, [...first, ...rest], handlers), ...infos];
  return [...first, ...links, ...rest, ...restart(reasons)];
}

function isNamed(name: string, handlers: readonly HandlerEntry[]): boolean {
  return handlers.some((handler) => handler.name === name);
}

function isServedAs(wanted: HandlerEntry, found: readonly HandlerEntry[]): boolean {
  return found.some(
    ({ name, shimPath, configPath }) =>
      name === wanted.name && shimPath === wanted.shimPath && configPath === wanted.configPath,
  );
}

/** Each edit gives the whole text of its file, so only what it starts from is another. */
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
  wanted: Pick<WantedRelease, 'id' | 'topLevel'>,
  facts: Pick<NodeFacts, 'links'>,
): readonly Extract<Action, { kind: 'link.set' }>[] {
  const targets: [string, string][] = [['current', `releases/${wanted.id}`]];
  for (const name of wanted.topLevel) targets.push([name, `current/${name}`]);
  const actions: Extract<Action, { kind: 'link.set' }>[] = [];
  for (const [name, target] of targets) {
    const before = facts.links.get(name)?.target;
    if (before !== target) actions.push({ kind: 'link.set', path: `${prefix}/${name}`, before, target });
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
  const paths = [...new Set(changed.map((edit) => edit.path))];
  if (changed.length > 0) reasons.push(`it must read ${paths.join(', ')}`);
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
function shimInfoDiffers(settings: Settings, wanted: WantedRelease, facts: NodeFacts): boolean {
  const known = releaseAtStart(wanted.id, facts);
  if (known === undefined) return false;
  const before = facts.releases.get(known)?.shimInfo ?? {};
  const paths = new Set(settings.shims.map(shimBinary));
  return [...paths].some((path) => before[path] === undefined || before[path] !== wanted.shimInfo[path]);
}

/** Another release that was in force when the engine started; the record may be ahead of the link, when a run was killed. */
function releaseAtStart(wantedId: string, facts: NodeFacts): string | undefined {
  const link = facts.links.get('current');
  if (link?.target === undefined) return undefined;
  const linked = posix.basename(link.target);
  if (linked !== wantedId) return linked;
  const { startedAtMs } = facts.engine;
  const isOlder = startedAtMs !== undefined && startedAtMs < link.modifiedMs;
  return isOlder ? (facts.record?.previous ?? undefined) : undefined;
}

/** Neither current nor the rollback target, and none of the sandboxes that it may serve still lives. */
function staleReleases(wantedId: string, facts: NodeFacts): readonly string[] {
  const record = facts.record ?? emptyRecord;
  const previous = record.current === wantedId ? record.previous : record.current;
  return [...facts.releases.keys()].filter((id) => {
    if (id === wantedId || id === previous) return false;
    const known = record.sandboxes[id];
    if (known === undefined) return facts.sandboxes.length === 0;
    return known.bootId !== facts.bootId || !known.ids.some((name) => facts.sandboxes.includes(name));
  });
}
