/** Plans the switch to a release in the store, without changing its files. Pure: applied facts give an empty plan. */
import type { HostPath } from '@kata/host';
import type { Handler } from '@kata/kata';
import type { Action, Plan } from '../state/actions.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { interruptionNotes } from './plan-install.ts';
import { planSwitch, type SwitchTarget } from './plan-switch.ts';

export interface RollbackTarget extends SwitchTarget {
  readonly version: string;
  /** Handlers that it served when it was active. */
  readonly handlers: readonly Handler[];
  /** Handlers of the current release that the target does not have: running sandboxes may use them, or all handlers are kept. */
  readonly retained: readonly Handler[];
  /** Adds missing files of these handlers to the target. */
  readonly retainedFiles: readonly Action[];
}

export function planRollback(prefix: HostPath, target: RollbackTarget, facts: NodeFacts): Plan {
  const { handlers, retained, retainedFiles } = target;
  const actions = [...retainedFiles, ...planSwitch(prefix, target, [...handlers, ...retained], facts)];
  const names = retained.map((handler) => handler.name).join(', ');
  return {
    // Retained files name their original release, which must stay.
    actions: retained.length === 0 ? actions : actions.filter(({ kind }) => kind !== 'release.remove'),
    notes: [
      ...interruptionNotes(facts),
      ...(retained.length === 0 || facts.sandboxes.length === 0
        ? []
        : [`${names} stay while Kata pods are running: release ${target.id} does not have them`]),
    ],
    onFailure: 'undo',
  };
}
