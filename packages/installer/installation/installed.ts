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
}

/** `before`: the record with which the run began. */
export function describeInstalled(
  release: string,
  version: string,
  handlers: readonly HandlerEntry[],
  before: OwnershipRecord | undefined,
  plan: Plan,
): Installed {
  const names = new Set(handlers.map((handler) => handler.name));
  const dropped = (before ?? emptyRecord).handlers.filter(({ name }) => !names.has(name));
  return { release, version, handlers, dropped, plan };
}
