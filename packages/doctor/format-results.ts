/** Formats the doctor's results as text. */
import type { CheckResult } from './check-result.ts';

const states = ['problem', 'warning', 'unknown', 'ok'] as const satisfies readonly CheckResult['state'][];

/** One line per check, with reason and next step unless it is ok; then the counts. */
export function formatResults(results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({ check }) => check.length));
  const lines = results.flatMap(({ check, state, seen, why, next }) => [
    `${state.padEnd(7)}  ${check.padEnd(width)}  ${seen}`,
    ...(next === undefined ? [] : [`         why:  ${why}`, `         next: ${next}`]),
  ]);
  const counts = states.map((state) => ({
    state,
    count: results.filter((each) => each.state === state).length,
  }));
  return [
    ...lines,
    '',
    counts
      .filter(({ count }) => count > 0)
      .map(({ state, count }) => `${state}: ${count}`)
      .join(', '),
  ].join('\n');
}
