/**
 * Whether the engine has loaded what we wrote. It is known by its starts, which systemd tells apart, never by clocks: who
 * started after the last change has read it. The journal keeps what is needed for that, so nothing is unsure between runs.
 */
import { type Action, isEngineEdit } from './actions.ts';

/** `pending`: something that it reads at its start is being changed; a killed run leaves it like this. */
export type EngineNote = 'loaded' | 'pending' | { readonly changedDuring: string };

export interface EngineStart {
  readonly isActive: boolean;
  /** See `UnitState`. */
  readonly invocationId: string | undefined;
}

export function isLoaded(note: EngineNote, { isActive, invocationId }: EngineStart): boolean {
  if (note === 'loaded') return true;
  return note !== 'pending' && isActive && invocationId !== undefined && invocationId !== note.changedDuring;
}

/** Read after the change, so a start that is not this one read what is there now. */
export function noteOfChange({ invocationId }: Pick<EngineStart, 'invocationId'>): EngineNote {
  return invocationId === undefined ? 'pending' : { changedDuring: invocationId };
}

/** Whether only a start of the engine after this action makes it count. */
export function changesEngine(action: Action): boolean {
  return isEngineEdit(action) || (action.kind === 'link.set' && action.awaitsRestart === true);
}

/** Whether nothing more changes for the engine after this step, until it is restarted or the plan ends. */
export function isLastChange(actions: readonly Action[], step: number): boolean {
  const rest = actions.slice(step + 1);
  const restart = rest.findIndex((action) => action.kind === 'engine.restart');
  return !rest.slice(0, restart === -1 ? rest.length : restart).some(changesEngine);
}
