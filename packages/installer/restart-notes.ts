/** What a person should know of a restart before it happens. Pure. */
import type { Action } from './actions.ts';
import type { EngineFacts } from './facts.ts';

/** None when nothing is restarted. */
export function restartNotes(
  actions: readonly Action[],
  { unit, unloaded }: Pick<EngineFacts, 'unit' | 'unloaded'>,
): readonly string[] {
  if (unloaded.length === 0 || !actions.some(({ kind }) => kind === 'engine.restart')) return [];
  const names = unloaded.join(', ');
  return [
    `the restart of ${unit} also brings in force what others changed since its last start, judged by our reading of it and not by the engine's own: ${names}`,
  ];
}
