/** A parameter of a run whose recorded value is not the one that is given now. */
import type { RunParameter } from './run-parameters.ts';

export interface DifferingParameter {
  readonly name: RunParameter | 'chart';
  /** Null where a value may be secret, or long. */
  readonly recorded: string | null;
  readonly given: string | null;
}

/** Such as `batch-size: 1, not 2`. */
export function describeDiffering({ name, recorded, given }: DifferingParameter): string {
  if (recorded === null || given === null) return name;
  return `${name}: ${recorded || '(none)'}, not ${given || '(none)'}`;
}
