/**
 * Compares a whole installation with its record and manifest. Changes nothing.
 *
 * Room `verification`: compares the node with the record, and reports differences. It imports `facts`, `plan`, `engine`
 * and `state`, and changes nothing. When the engine does not answer, it reports that and compares the rest.
 */
import {
  expectedEntries,
  readManifest,
  type ReleaseManifest,
  type Store,
  verifyRelease,
} from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { Host, HostPath } from '@kata/host';
import { versionOf } from '@kata/node';
import type { EngineClient } from '../engine/engine-client.ts';
import { EngineSession } from '../engine/engine-session.ts';
import { type EngineSettings, recordedSettings } from '../engine/engine-settings.ts';
import { readUnfinished } from '../state/journal.ts';
import { readLinks } from '../facts/read-links.ts';
import { isLost, lostRecord } from '../facts/rebuild-record.ts';
import { readRecord } from '../state/record.ts';
import type { Emit, ProgressEvent } from '@kata/report';
import { compareRelease } from './compare-release.ts';
import type { HandlerFacts, ReleaseFacts, VerificationFacts } from './facts.ts';
import { findDifferences } from './find-differences.ts';
import type { Finding } from './finding.ts';
import { readHandler } from './handler-facts.ts';
import { findSurplus } from './surplus-files.ts';

export interface VerificationOptions {
  readonly host: Host;
  readonly settings: EngineSettings;
  readonly engine: EngineClient;
  readonly emit: Emit<ProgressEvent>;
}

export interface Verification {
  readonly prefix: HostPath;
  /** Null when nothing is installed. */
  readonly release: string | null;
  /** Entries of the manifest that were compared. */
  readonly compared: number;
  readonly handlers: readonly string[];
  readonly findings: readonly Finding[];
}

export async function verifyInstallation(options: VerificationOptions): Promise<Verification> {
  const { host, settings } = options;
  const { prefix } = settings;
  const record = await readRecord(host, prefix);
  if (record === undefined && (await isLost({ files: host.files, prefix }))) {
    throw lostRecord(prefix, '', 'run: kata-deploy recover');
  }
  const id = record?.current ?? null;
  if (record === undefined || id === null) {
    return { prefix, release: null, compared: 0, handlers: [], findings: [] };
  }
  const handlers: HandlerFacts[] = [];
  for (const handler of record.handlers) {
    // From the id, because the manifest may be damaged.
    handlers.push(await readHandler({ host, prefix, version: versionOf(id) }, handler));
  }
  const release = await readRelease(options, id, handlers);
  const session = new EngineSession(host, options.engine, recordedSettings(settings, record));
  const facts: VerificationFacts = {
    prefix,
    record,
    release,
    links: await readLinks(host.files, prefix),
    unfinished: (await readUnfinished(host, prefix))?.note,
    engine: await session.readKnownFacts(record),
    handlers,
  };
  return {
    prefix,
    release: id,
    compared: release.compared,
    handlers: record.handlers.map((handler) => handler.name),
    findings: findDifferences(facts),
  };
}

async function readRelease(
  { host, settings, emit }: VerificationOptions,
  id: string,
  handlers: readonly HandlerFacts[],
): Promise<ReleaseFacts> {
  const store: Store = { files: host.files, prefix: settings.prefix };
  let manifest: ReleaseManifest | undefined;
  try {
    manifest = await readManifest(store, id);
    const differences = await compareRelease(
      emit,
      id,
      async (onProgress) => await verifyRelease(store, id, { onProgress }),
    );
    const surplus = manifest === undefined ? [] : await findSurplus(store, manifest, handlers);
    return { ...describeManifest(id, manifest), broken: undefined, differences, surplus };
  } catch (error) {
    if (!(error instanceof KataError) || error.code !== 'KATA_STORE_MANIFEST') throw error;
    return { ...describeManifest(id, manifest), broken: error.message, differences: [], surplus: [] };
  }
}

function describeManifest(
  id: string,
  manifest: ReleaseManifest | undefined,
): Pick<ReleaseFacts, 'id' | 'compared' | 'topLevel'> {
  const entries = manifest === undefined ? [] : expectedEntries(manifest);
  const topLevel = new Set(entries.map((entry) => entry.path.split('/')[0] ?? ''));
  return { id, compared: entries.length, topLevel: [...topLevel].toSorted() };
}
