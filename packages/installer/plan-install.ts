/** Plans an installation or an upgrade. Pure: the same facts give the same plan, and applied facts give none. */
import type { FileEdit } from '@kata/engines';
import type { HostPath } from '@kata/host';
import { shimBinary } from '@kata/kata';
import type { Action, Plan } from './actions.ts';
import type { EngineFacts, HandlerEntry, NodeFacts } from './facts.ts';
import { emptyRecord } from './record.ts';
import type { Settings } from './settings/index.ts';
import { wantedHandlers } from './wanted-files.ts';

/** The release that a payload becomes under these settings. */
export interface WantedRelease {
  readonly id: string;
  readonly components: readonly string[];
  /** First parts of the paths in it, such as `bin` and `VERSION`. */
  readonly topLevel: readonly string[];
  readonly files: ReadonlyMap<HostPath, string>;
  /** See `PayloadManifest`. */
  readonly shimInfo: Readonly<Record<string, string>>;
}

export function planInstall(settings: Settings, wanted: WantedRelease, facts: NodeFacts): Plan {
  const record = facts.record ?? emptyRecord;
  const handlers = wantedHandlers(settings);
  const release: Action[] = facts.releases.has(wanted.id)
    ? []
    : [{ kind: 'release.write', release: wanted.id, components: wanted.components }];
  const files: Action[] = [];
  for (const [path, after] of wanted.files) {
    const before = facts.generated.get(path);
    if (before !== after) files.push({ kind: 'file.write', path, before, after, area: 'release' });
  }
  const links = planLinks(settings.prefix, wanted, facts);
  const edits = facts.engine.planEdits(handlers, record).map(editAction);
  const reasons = restartReasons(facts.engine, edits, handlers, shimInfoDiffers(settings, wanted, facts));
  const restart: Action[] =
    reasons.length === 0 ? [] : [{ kind: 'engine.restart', unit: facts.engine.unit, reasons }];
  const old = staleReleases(wanted.id, facts).map((id): Action => ({ kind: 'release.remove', release: id }));
  return {
    actions: [...release, ...files, ...links, ...edits, ...restart, ...old],
    notes: facts.unfinished === undefined ? [] : [`an earlier run was interrupted: ${facts.unfinished}`],
  };
}

/** `current` first: the other links lead through it. */
function planLinks(prefix: HostPath, wanted: WantedRelease, facts: NodeFacts): readonly Action[] {
  const targets: [string, string][] = [['current', `releases/${wanted.id}`]];
  for (const name of wanted.topLevel) targets.push([name, `current/${name}`]);
  const actions: Action[] = [];
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
function restartReasons(
  engine: EngineFacts,
  edits: readonly Action[],
  handlers: readonly HandlerEntry[],
  infoDiffers: boolean,
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
  if (infoDiffers && engine.keepsShimInfo) reasons.push('what it keeps about the shim has changed');
  return reasons;
}

export function isStale(engine: EngineFacts): boolean {
  const { configChangedMs, startedAtMs } = engine;
  return configChangedMs !== undefined && startedAtMs !== undefined && configChangedMs > startedAtMs;
}

/** Unknown counts as different; a first installation has nothing to differ from. */
function shimInfoDiffers(settings: Settings, wanted: WantedRelease, facts: NodeFacts): boolean {
  const current = facts.record?.current ?? undefined;
  if (current === undefined || current === wanted.id) return false;
  const before = facts.releases.get(current)?.shimInfo ?? {};
  const paths = new Set(settings.shims.map(shimBinary));
  return [...paths].some((path) => before[path] === undefined || before[path] !== wanted.shimInfo[path]);
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
