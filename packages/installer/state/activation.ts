/**
 * Whether the engine has loaded our changes. systemd's InvocationID decides, never a clock: a start after the last change has
 * read it. The journal keeps the id that was current at the last change, so the next run can decide, too.
 */
import { type Action, isEngineEdit } from './actions.ts';

/** `pending`: a file that it reads at its start is being changed; a killed run leaves this value. */
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

/** For an id that was read after the change: any other start has loaded it. */
export function noteOfChange({ invocationId }: Pick<EngineStart, 'invocationId'>): EngineNote {
  return invocationId === undefined ? 'pending' : { changedDuring: invocationId };
}

/** Whether the action takes effect only at the engine's next start. */
export function changesEngine(action: Action): boolean {
  return isEngineEdit(action) || (action.kind === 'link.set' && action.awaitsRestart === true);
}

/** Whether this step is the last change for the engine before it is restarted or the plan ends. */
export function isLastChange(actions: readonly Action[], step: number): boolean {
  const rest = actions.slice(step + 1);
  const restart = rest.findIndex((action) => action.kind === 'engine.restart');
  return !rest.slice(0, restart === -1 ? rest.length : restart).some(changesEngine);
}
