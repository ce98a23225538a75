/** Plans the way to a release that is in the store as it stands. Pure: applied facts give an empty plan. */
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import type { Action, Plan } from '../state/actions.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { interruptionNotes } from './plan-install.ts';
import { planSwitch, type SwitchTarget } from './plan-switch.ts';

export interface RollbackTarget extends SwitchTarget {
  readonly version: string;
  /** What it served when it was in force. */
  readonly handlers: readonly Handler[];
  /** Handlers of the present release that it lacks and living sandboxes may use, or that stay because nothing is tidied up. */
  readonly retained: readonly Handler[];
  /** Puts into the target what it lacks of the files behind these. */
  readonly retainedFiles: readonly Action[];
}

export function planRollback(prefix: HostPath, target: RollbackTarget, facts: NodeFacts): Plan {
  const { handlers, retained, retainedFiles } = target;
  const actions = [...retainedFiles, ...planSwitch(prefix, target, [...handlers, ...retained], facts)];
  const names = retained.map((handler) => handler.name).join(', ');
  return {
    // Retained files name the release that they come from.
    actions: retained.length === 0 ? actions : actions.filter(({ kind }) => kind !== 'release.remove'),
    notes: [
      ...interruptionNotes(facts),
      ...(retained.length === 0 || facts.sandboxes.length === 0
        ? []
        : [`${names} stay while Kata sandboxes live: release ${target.id} lacks them`]),
    ],
    onFailure: 'undo',
  };
}
