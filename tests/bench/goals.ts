/** The table of what was seen, what is wanted, and whether that is so. */
import { formatTable } from '@kata/report';
import type { Figure } from './samples.ts';

type Verdict = 'yes' | 'within noise' | 'NO';

export interface Row {
  readonly what: string;
  readonly measured: Figure;
  readonly unit: string;
  /** At most; left out: only to be seen. */
  readonly goal?: number;
  readonly digits?: number;
  /** What the figure is made of. */
  readonly detail?: string;
}

/** A goal is missed only when what was seen is worse by more than its noise. */
export function judge({ median, noise }: Figure, goal: number): Verdict {
  if (median <= goal) return 'yes';
  return median - noise <= goal ? 'within noise' : 'NO';
}

export function isMissed({ measured, goal }: Row): boolean {
  return goal !== undefined && judge(measured, goal) === 'NO';
}

export function formatRows(rows: readonly Row[]): string {
  const cells = rows.map(({ what, measured, unit, goal, digits = 2, detail }) => [
    what,
    `${measured.median.toFixed(digits)} ${unit}${detail === undefined ? '' : ` (${detail})`}`,
    goal === undefined ? '' : `${goal} ${unit}`,
    measured.noise.toFixed(digits),
    goal === undefined ? '' : judge(measured, goal),
  ]);
  return formatTable([['WHAT', 'SEEN', 'GOAL', 'NOISE', 'MET'], ...cells]);
}

/** Of what is counted once. */
export function exactly(value: number): Figure {
  return { median: value, noise: 0 };
}
