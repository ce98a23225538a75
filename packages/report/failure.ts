/** The end of a command that failed: an event, and the text that a program prints. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { createEmitter, type Reporter } from './event.ts';
import { formatJsonLine } from './json-reporter.ts';
import type { ProgressMode } from './open-reporter.ts';

export interface FailureEvent {
  readonly kind: 'command.failed';
  /** For users: what failed, the causes, what to do next; several lines. */
  readonly message: string;
  /** Such as `KATA_INSTALLER_STOPPED`; null for a bug. */
  readonly code: string | null;
  readonly exitCode: number;
  readonly hint: string | null;
}

export interface FailureOptions {
  readonly program: string;
  readonly mode: ProgressMode;
  readonly now: () => Date;
  readonly node?: string | undefined;
}

/** Without a line break at its end. */
export function formatFailure(error: unknown, { program, mode, ...stamp }: FailureOptions): string {
  const event = failureOf(program, error);
  if (mode !== 'json') return event.message;
  let line = '';
  const report: Reporter<FailureEvent> = (stamped) => {
    line = formatJsonLine(stamped, { kind: 'note', message: event.message });
  };
  createEmitter(report, stamp)(event);
  return line;
}

function failureOf(program: string, error: unknown): FailureEvent {
  const known = error instanceof KataError ? error : undefined;
  return {
    kind: 'command.failed',
    message: `${program}: ${describeError(error)}`,
    code: known?.code ?? null,
    exitCode: known?.exitCode ?? exitCodes.bug,
    hint: known?.hint ?? null,
  };
}
