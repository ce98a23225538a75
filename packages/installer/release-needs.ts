/** Which releases must stay in the store, and for whom. Pure. */
import type { NodeFacts } from './facts.ts';
import { emptyRecord } from './record.ts';

type Needs = Pick<NodeFacts, 'record' | 'sandboxes' | 'bootId'>;

/** Living sandboxes that may use a release: of one that was left, those that lived then; of all others, any. */
export function sandboxesOf(id: string, { record, sandboxes, bootId }: Needs): readonly string[] {
  const known = (record ?? emptyRecord).sandboxes[id];
  if (known === undefined || record?.current === id) return sandboxes;
  return known.bootId === bootId ? sandboxes.filter((name) => known.ids.includes(name)) : [];
}

/** All but those to be kept and those that living sandboxes may use. */
export function unneededReleases(
  kept: readonly (string | null)[],
  facts: Needs & Pick<NodeFacts, 'releases'>,
): readonly string[] {
  return [...facts.releases.keys()].filter((id) => !kept.includes(id) && sandboxesOf(id, facts).length === 0);
}
