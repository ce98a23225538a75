/** Reads the state of the node; changes nothing. */
import {
  listReleases,
  readManifest,
  releaseDirectory,
  type ReleaseContents,
  type ReleaseManifest,
  type Store,
  verifyRelease,
  type VerificationDepth,
} from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { Host, HostFiles } from '@kata/host';
import { isLoaded } from '../state/activation.ts';
import { findUpstream } from '../adoption/find-upstream.ts';
import type { EngineSession } from '../engine/engine-session.ts';
import type { NodeFacts } from './facts.ts';
import { releaseOf } from './handler-paths.ts';
import { readUnfinished } from '../state/journal.ts';
import { rebuildRecord } from './rebuild-record.ts';
import { emptyRecord, type OwnershipRecord, readRecord } from '../state/record.ts';
import { readLinks } from './read-links.ts';
import { arePlaced } from './placed-files.ts';
import { namedReleases } from './retained-files.ts';
import { handlersOfOurFiles, sandboxIds, type SandboxView } from './sandboxes.ts';

export interface FactsProbe {
  readonly host: Host;
  readonly store: Store;
  readonly engine: EngineSession;
  /** `handlers`: names of the handlers in the engine's files whose sandboxes need our files. */
  readonly sandboxes: (handlers: readonly string[]) => Promise<SandboxView>;
}

/** The release that the store is compared with. */
interface Expected {
  readonly id: string;
  readonly topLevel: readonly string[];
  readonly contents: ReleaseContents;
}

/** @throws KataError when the engine does not answer. */
export async function readFacts(
  probe: FactsProbe,
  expected?: Expected,
  depth: VerificationDepth = 'metadata',
): Promise<NodeFacts> {
  const facts = await readKnownFacts(probe, expected, depth);
  if (facts.engine.problem !== undefined) throw facts.engine.problem;
  return facts;
}

/** Works without an answer of the engine, too; see `EngineFacts`. */
export async function readKnownFacts(
  { host, store, engine, sandboxes }: FactsProbe,
  expected?: Expected,
  depth: VerificationDepth = 'metadata',
): Promise<NodeFacts> {
  const unfinished = await readUnfinished(host, store.prefix);
  const written = await readRecord(host, store.prefix);
  const bare = written === undefined ? await engine.readKnownFacts(emptyRecord) : undefined;
  const known = bare === undefined ? written : await rebuildRecord({ store, engine: bare });
  const record =
    known === undefined || unfinished === undefined ? known : await reconcileWithDisk(host.files, known);
  const seen =
    record === undefined && bare !== undefined ? bare : await engine.readKnownFacts(record ?? emptyRecord);
  const sandboxView = await sandboxes(handlersOfOurFiles(seen));
  const isKnown = seen.problem === undefined;
  return {
    record,
    isRecordRebuilt: written === undefined && record !== undefined,
    unfinished: unfinished?.note,
    goal: unfinished?.goal,
    engineNote: unfinished === undefined || isLoaded(unfinished.engine, seen) ? 'loaded' : unfinished.engine,
    ...(await readReleases(store, expected, depth)),
    engine: seen,
    upstream: isKnown
      ? await findUpstream({ host, store, record, engine: seen, topLevel: expected?.topLevel })
      : undefined,
    sandboxes: sandboxIds(sandboxView),
    sandboxView,
    bootId: await host.bootId(),
    links: await readLinks(host.files, store.prefix),
    named: await namedReleases(host.files, store.prefix, record?.handlers ?? []),
  };
}

/** The same facts, compared with the wanted release; only the store and upstream's files are read again. */
export async function compareWith(
  { host, store }: Pick<FactsProbe, 'host' | 'store'>,
  facts: NodeFacts,
  expected: Expected,
  depth: VerificationDepth,
): Promise<NodeFacts> {
  const { record, engine } = facts;
  return {
    ...facts,
    ...(await readReleases(store, expected, depth)),
    upstream: await findUpstream({ host, store, record, engine, topLevel: expected.topLevel }),
  };
}

/** A killed run may have recorded an edit that it did not make. */
async function reconcileWithDisk(disk: HostFiles, record: OwnershipRecord): Promise<OwnershipRecord> {
  const files: OwnershipRecord['files'] = [];
  for (const file of record.files) {
    const { replacedSha256 } = file;
    const isBefore = replacedSha256 !== undefined && (await disk.digest(file.path)) === replacedSha256;
    files.push(isBefore ? { ...file, leftSha256: replacedSha256 } : file);
  }
  return { ...record, files };
}

export async function readReleases(
  store: Store,
  expected?: Expected,
  depth: VerificationDepth = 'metadata',
): Promise<Pick<NodeFacts, 'releases' | 'damaged'>> {
  const releases = new Map<string, ReleaseManifest>();
  const damaged = new Map<string, string>();
  for (const id of await listReleases(store)) {
    try {
      const manifest = await readManifest(store, id);
      // A wanted release that is incomplete is written again.
      const isSound =
        manifest !== undefined && (id !== expected?.id || (await isAsWanted(store, expected, depth)));
      if (isSound) releases.set(id, manifest);
      else
        damaged.set(
          id,
          `release ${id} ${manifest === undefined ? 'has no manifest' : 'differs from its manifest'}`,
        );
    } catch (error) {
      if (!(error instanceof KataError) || error.code !== 'KATA_STORE_MANIFEST') throw error;
      damaged.set(id, error.message);
    }
  }
  return { releases, damaged };
}

async function isAsWanted(
  store: Store,
  { id, contents }: Expected,
  depth: VerificationDepth,
): Promise<boolean> {
  if ((await verifyRelease(store, id, { depth })).length > 0) return false;
  const directory = releaseDirectory(store, id);
  for (const path of contents.absent) {
    if ((await store.files.info(`${directory}/${path}`)) !== undefined) return false;
  }
  const current = releaseOf((await store.files.info(`${store.prefix}/current`))?.target);
  // Foreign files in the active release are not changed.
  return id === current || (await arePlaced(store.files, directory, contents.placed));
}
