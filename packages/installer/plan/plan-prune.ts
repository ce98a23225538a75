/** Plans the removal of unused releases. Pure. */
import { exitCodes, KataError } from '@kata/core';
import type { Action, Plan } from '../state/actions.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { unusedReleases } from '../facts/release-needs.ts';
import { sandboxNotes } from '../facts/sandboxes.ts';

/** @throws KataError `KATA_PRUNE_UNFINISHED` while another command is unfinished: it may need any release. */
export function planPrune(facts: NodeFacts): Plan {
  const { record, unfinished, goal } = facts;
  if (unfinished !== undefined && goal?.command !== 'prune') {
    throw new KataError('KATA_PRUNE_UNFINISHED', `an earlier run was interrupted: ${unfinished}`, {
      exitCode: exitCodes.precondition,
      hint: `finish it first, run: kata-deploy ${goal?.command ?? 'install'}`,
    });
  }
  const nothing = { actions: [], onFailure: 'finish later' } as const;
  if (record === undefined) return { ...nothing, notes: ['nothing is installed here'] };
  const old = unusedReleases([record.current, record.previous], facts);
  return {
    ...nothing,
    actions: old.map((id): Action => ({ kind: 'release.remove', release: id })),
    notes: sandboxNotes(facts.sandboxView),
  };
}
