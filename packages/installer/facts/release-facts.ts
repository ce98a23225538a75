/** Which releases there are, and which one is active: the part of the facts that needs no answer of the engine. */
import { readUnfinished } from '../state/journal.ts';
import { readRecord } from '../state/record.ts';
import type { NodeFacts } from './facts.ts';
import { readLinks } from './read-links.ts';
import { type FactsProbe, readFacts, readReleases } from './read-facts.ts';

export type ReleaseFacts = Pick<NodeFacts, 'record' | 'unfinished' | 'releases' | 'links'>;

/** @throws KataError when the record is lost and the engine, which could tell what was in it, cannot be asked. */
export async function readReleaseFacts(probe: FactsProbe): Promise<ReleaseFacts> {
  const { host, store } = probe;
  const unfinished = await readUnfinished(host, store.prefix);
  const record = await readRecord(host, store.prefix);
  // What a killed run noted, and what is rebuilt, takes all that is known of the node.
  if (record === undefined || unfinished !== undefined) return await readFacts(probe);
  const { releases } = await readReleases(store);
  return { record, unfinished, releases, links: await readLinks(host.files, store.prefix) };
}
