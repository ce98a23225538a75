/** The releases in the store, and which one is active: facts that need no answer of the engine. */
import { readUnfinished } from '../state/journal.ts';
import { readRecord } from '../state/record.ts';
import type { NodeFacts } from './facts.ts';
import { readLinks } from './read-links.ts';
import { type FactsProbe, readFacts, readReleases } from './read-facts.ts';

export type ReleaseFacts = Pick<NodeFacts, 'record' | 'unfinished' | 'releases' | 'links'>;

/** @throws KataError when the record is lost and cannot be rebuilt, because the engine does not answer. */
export async function readReleaseFacts(probe: FactsProbe): Promise<ReleaseFacts> {
  const { host, store } = probe;
  const unfinished = await readUnfinished(host, store.prefix);
  const record = await readRecord(host, store.prefix);
  // To interpret the record of a killed run, or to rebuild a lost one, all facts are needed.
  if (record === undefined || unfinished !== undefined) return await readFacts(probe);
  const { releases } = await readReleases(store);
  return { record, unfinished, releases, links: await readLinks(host.files, store.prefix) };
}
