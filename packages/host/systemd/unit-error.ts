/** The error for a request that systemd did not complete, with the result that systemd reported. */
import { type ExitCode, exitCodes, KataError } from '@kata/core';

export interface UnitProblem {
  readonly unit: string;
  readonly operation: 'query' | 'restart' | 'reload' | 'run';
  /** What systemd reports of a job (`failed`, `dependency`, …), or the name of its error (`NoSuchUnit`). */
  readonly result: string;
  readonly cause?: unknown;
  readonly exitCode?: ExitCode;
}

export function unitError(problem: UnitProblem): KataError {
  const { unit, operation, result, cause } = problem;
  return new KataError('KATA_HOST_UNIT', `cannot ${operation} ${unit}: ${result}`, {
    exitCode: problem.exitCode ?? exitCodes.precondition,
    hint: `systemctl status ${unit}; journalctl -u ${unit}`,
    details: { unit, operation, result },
    ...(cause === undefined ? {} : { cause }),
  });
}
