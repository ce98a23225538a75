/** The table of measured figures and goals. */
import { formatTable } from '@kata/report';
import type { Figure } from './samples.ts';

type Verdict = 'yes' | 'within noise' | 'NO';

export interface Row {
  readonly what: string;
  readonly measured: Figure;
  readonly unit: string;
  /** The most that is allowed; without it the figure is only shown. */
  readonly goal?: number;
  readonly digits?: number;
  /** The values behind the figure. */
  readonly detail?: string;
}

/** A goal is missed only when the figure is worse by more than its noise. */
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
  return formatTable([['WHAT', 'MEASURED', 'GOAL', 'NOISE', 'MET'], ...cells]);
}

/** The figure of a value without noise. */
export function exactly(value: number): Figure {
  return { median: value, noise: 0 };
}
