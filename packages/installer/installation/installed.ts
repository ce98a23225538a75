/** The result of an installation or a rollback. */
import type { Handler } from '@kata/kata';
import type { NodeFacts } from '../facts/facts.ts';
import type { Plan } from '../state/actions.ts';
import { emptyRecord, type OwnershipRecord } from '../state/record.ts';

export interface Installed {
  readonly release: string;
  readonly version: string;
  readonly handlers: readonly Handler[];
  /** Handlers that an earlier run served and this one does not. */
  readonly dropped: readonly Handler[];
  readonly plan: Plan;
  /** See `Applied`. */
  readonly restartedKubelet: boolean;
  /** The node as the run left it. */
  readonly after: NodeFacts;
}

/** Handlers of the record at the start of the run that are no longer served. */
export function droppedHandlers(
  before: OwnershipRecord | undefined,
  handlers: readonly Handler[],
): readonly Handler[] {
  const names = new Set(handlers.map((handler) => handler.name));
  return (before ?? emptyRecord).handlers.filter(({ name }) => !names.has(name));
}
