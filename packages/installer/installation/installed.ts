/** What a run put in force. */
import type { Plan } from '../state/actions.ts';
import { emptyRecord, type HandlerEntry, type OwnershipRecord } from '../state/record.ts';

export interface Installed {
  readonly release: string;
  readonly version: string;
  readonly handlers: readonly HandlerEntry[];
  /** Handlers that an earlier run served and this one does not. */
  readonly dropped: readonly HandlerEntry[];
  readonly plan: Plan;
  /** See `Applied`. */
  readonly restartedKubelet: boolean;
}

/** Which of the handlers that the record had when the run began are not served any more. */
export function droppedHandlers(
  before: OwnershipRecord | undefined,
  handlers: readonly HandlerEntry[],
): readonly HandlerEntry[] {
  const names = new Set(handlers.map((handler) => handler.name));
  return (before ?? emptyRecord).handlers.filter(({ name }) => !names.has(name));
}
