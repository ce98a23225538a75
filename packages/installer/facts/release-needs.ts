/** Which releases must stay in the store, and for which sandboxes. Pure. */
import type { NodeFacts } from './facts.ts';
import { emptyRecord } from '../state/record.ts';
import { sandboxIds } from './sandboxes.ts';

type Needs = Pick<NodeFacts, 'record' | 'sandboxView' | 'bootId' | 'named'>;

/**
 * Running sandboxes that may use a release: for a release that is no longer current and that no handler names, those that
 * were running when it stopped being current; else any.
 */
export function sandboxesOf(id: string, { record, sandboxView, bootId, named }: Needs): readonly string[] {
  const known = (record ?? emptyRecord).sandboxes[id];
  if (known === undefined || record?.current === id || named.has(id)) return sandboxIds(sandboxView);
  if (known.bootId !== bootId) return [];
  const running = sandboxView.running.filter(
    (one) => known.ids.includes(one.id) || (one.podUid !== undefined && known.ids.includes(one.podUid)),
  );
  return sandboxIds({ running });
}

/** All releases except `kept` and those that running sandboxes may use. */
export function unusedReleases(
  kept: readonly (string | null)[],
  facts: Needs & Pick<NodeFacts, 'releases'>,
): readonly string[] {
  return [...facts.releases.keys()].filter((id) => !kept.includes(id) && sandboxesOf(id, facts).length === 0);
}
