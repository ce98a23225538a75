/** What a person should know of a restart before it happens. Pure. */
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
          `the restart of ${unit} also brings in force what others changed since its last start: ${unloaded.join(', ')}`,
        ];
  if (answer.kind !== 'unavailable') return others;
  return [
    ...others,
    `${title} could not be asked whether it loads its new configuration, so our own reading of it decides: ${answer.why}`,
  ];
}
