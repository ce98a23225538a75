/** Plans how the tree of another installer becomes a release of ours, before the wanted release becomes active. Pure. */
import type { FileInfo, HostPath } from '@kata/host';
import { isArray, TomlDocument } from '@kata/toml';
import { posix } from 'node:path';
import { sha256 } from '@kata/core';
import type { Action } from '../state/actions.ts';
import { planEdits } from '../engine/plan-edits.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { emptyRecord, type OwnershipRecord } from '../state/record.ts';
import { backupPath } from '../adoption/exchange.ts';
import { markerSuffix } from '../adoption/leftovers.ts';
import type { Upstream } from '../adoption/upstream.ts';

export interface Adoption {
  /** Before anything else. */
  readonly first: readonly Action[];
  /** When the wanted release is active. */
  readonly last: readonly Action[];
  readonly notes: readonly string[];
  /** The node after `first` and `last`. */
  readonly facts: NodeFacts;
}

/** Undefined when there is nothing to adopt. */
export function planAdoption(prefix: HostPath, facts: NodeFacts): Adoption | undefined {
  const { upstream } = facts;
  const record = adoptedRecord(prefix, facts);
  if (upstream === undefined || record === undefined || !isPending(upstream)) return undefined;
  const { release, tree, names } = upstream;
  const links = new Map(facts.links);
  const releases = new Map(facts.releases);
  const first: Action[] = [];
  if (tree !== undefined) {
    first.push({ kind: 'release.adopt', release, names });
    releases.set(release, tree);
  }
  const linked = links.get('current')?.target;
  if (linked === undefined || !releases.has(posix.basename(linked))) {
    const target = `releases/${release}`;
    first.push({ kind: 'link.set', path: `${prefix}/current`, before: linked, target });
    links.set('current', linkTo(target));
  }
  for (const name of names) {
    const target = `current/${name}`;
    first.push({ kind: 'link.exchange', path: `${prefix}/${name}`, target });
    links.set(name, linkTo(target));
  }
  const backups = [...new Set([...names, ...upstream.backups])].toSorted();
  const current = record.current ?? release;
  return {
    first,
    last: backups.map((name): Action => ({ kind: 'former.remove', path: backupPath(`${prefix}/${name}`) })),
    notes: adoptionNotes(prefix, upstream),
    facts: { ...facts, record: { ...record, current }, links, releases, upstream: undefined },
  };
}

/** The record as it must be before the first step, so that it lists all that later steps need. */
export function adoptedRecord(prefix: HostPath, facts: NodeFacts): OwnershipRecord | undefined {
  const { record, upstream } = facts;
  if (upstream === undefined || !isPending(upstream)) return record;
  const { release, handlers, leftovers } = upstream;
  const base = record ?? {
    ...emptyRecord,
    directories: [prefix],
    files: claimedFiles(facts, upstream),
    handlers: [...handlers],
  };
  const known = base.adopted ?? { handlers: [...handlers], leftovers: [...leftovers] };
  const adopted = { release, pending: true, handlers: known.handlers, leftovers: known.leftovers };
  // So that a rollback to it knows its handlers.
  const handlersByRelease = { [release]: known.handlers, ...base.handlersByRelease };
  return { ...base, handlersByRelease, adopted };
}

/** Removes the adopted files outside the installation, and what an interrupted adoption left inside. */
export function planRemovalOfUpstream(prefix: HostPath, { upstream, record }: NodeFacts): readonly Action[] {
  if (upstream === undefined || record?.adopted === undefined) return [];
  const names = record.adopted.pending ? upstream.names : [];
  const inside = [
    ...names.map((name): HostPath => `${prefix}/${name}`),
    ...upstream.backups.map((name) => backupPath(`${prefix}/${name}`)),
  ];
  return [
    ...inside.map((path): Action => ({ kind: 'former.remove', path })),
    ...upstream.leftovers.map(({ path }): Action => ({ kind: 'former.remove', path })),
  ];
}

export function unitNotes({ units }: Pick<Upstream, 'units'>): readonly string[] {
  return units.map((unit) => `${unit} is not changed: its snapshotter is not adopted`);
}

function isPending({ names, backups }: Upstream): boolean {
  return names.length + backups.length > 0;
}

function adoptionNotes(prefix: HostPath, upstream: Upstream): readonly string[] {
  const { release, names, leftovers } = upstream;
  const version = release.replace(/-[0-9a-f]{8}$/, '');
  const found =
    names.length === 0 ? [] : [`adopts the installation of kata-deploy ${version} found in ${prefix}`];
  const paths = leftovers.map(({ path }) => path);
  return [
    ...found,
    ...(paths.length === 0 ? [] : [`adopts, and removes with Kata: ${paths.join(', ')}`]),
    ...unitNotes(upstream),
  ];
}

/** The engine's files, each with its text without Kata. */
function claimedFiles(facts: NodeFacts, { leftovers }: Upstream): OwnershipRecord['files'] {
  const dropIns = facts.engine.found.filter((handler) => handler.isDropIn).map((handler) => handler.file);
  return planEdits(facts.engine, [], emptyRecord).flatMap(({ path, before, after }) => {
    // What a drop-in has besides handlers stays in it.
    if (before === undefined || (after !== undefined && dropIns.includes(path))) return [];
    const wasCreated = leftovers.some((leftover) => leftover.path === `${path}${markerSuffix}`);
    const original = after === undefined || (wasCreated && isEmptyConfiguration(path, after)) ? null : after;
    return [{ path, original, leftSha256: sha256(before) }];
  });
}

function isEmptyConfiguration(path: HostPath, text: string): boolean {
  return Object.entries(TomlDocument.parse(text, path).value).every(
    ([key, value]) => key === 'version' || (key === 'imports' && isArray(value) && value.length === 0),
  );
}

function linkTo(target: string): FileInfo {
  return {
    kind: 'link',
    target,
    mode: 0o777,
    uid: 0,
    gid: 0,
    size: target.length,
    modifiedMs: 0,
    linkCount: 1,
    stamp: { content: '', change: '', changedMs: 0 },
  };
}
