/** Plans an installation or an upgrade. Pure: the same facts give the same plan, and applied facts give none. */
import { posix } from 'node:path';
import type { FileEdit } from '@kata/engines';
import type { HostPath } from '@kata/host';
import { shimBinary } from '@kata/kata';
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
}

export function planInstall(settings: Settings, wanted: WantedRelease, facts: NodeFacts): Plan {
  const record = facts.record ?? emptyRecord;
  const handlers = wantedHandlers(settings);
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
  const links = planLinks(settings.prefix, wanted, facts);
  const edits = facts.engine.planEdits(handlers, record).map(editAction);
  const infoDiffers = shimInfoDiffers(settings, wanted, facts);
  const restart = (reasons: readonly string[]): readonly Action[] =>
    reasons.length === 0 ? [] : [{ kind: 'engine.restart', unit: facts.engine.unit, reasons }];
  const engine = onlyDrops(handlers, record.handlers)
    ? // The engine forgets them first: their configurations are not in the next release.
      [
        ...edits,
        ...restart(loadReasons(facts.engine, edits, handlers)),
        ...links,
        ...restart(infoReasons(facts.engine, infoDiffers)),
      ]
    : [
        ...links,
        ...edits,
        ...restart([
          ...loadReasons(facts.engine, edits, handlers),
          ...infoReasons(facts.engine, infoDiffers),
        ]),
      ];
  const old = staleReleases(wanted.id, facts).map((id): Action => ({ kind: 'release.remove', release: id }));
  return {
    actions: [...release, ...files, ...engine, ...old],
    notes: facts.unfinished === undefined ? [] : [`an earlier run was interrupted: ${facts.unfinished}`],
    onFailure: 'undo',
  };
}

function onlyDrops(wanted: readonly HandlerEntry[], known: readonly HandlerEntry[]): boolean {
  const names = new Set(known.map((handler) => handler.name));
  return names.size > wanted.length && wanted.every((handler) => names.has(handler.name));
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
