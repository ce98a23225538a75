/** Notes for users before a restart. Pure. */
import type { LoaderAnswer } from '@kata/engines';
import type { EngineFacts } from '../engine/engine-facts.ts';

export function restartNotes(
  { title, unit, unloaded }: Pick<EngineFacts, 'title' | 'unit' | 'unloaded'>,
  answer: LoaderAnswer,
): readonly string[] {
  const others =
    unloaded.length === 0
      ? []
      : [
          `the restart of ${unit} also activates changes that others made since its last start: ${unloaded.join(', ')}`,
        ];
  if (answer.kind !== 'unavailable') return others;
  return [
    ...others,
    `${title} could not check its new configuration before the restart; only kata-deploy checked it: ${answer.why}`,
  ];
}
