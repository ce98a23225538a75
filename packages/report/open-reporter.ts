/** Chooses how events are shown: live in a terminal, as plain lines elsewhere, as lines of JSON for programs. */
import type { Clock } from '@kata/core';
import type { EventKind, Reporter } from './event.ts';
import { createJsonReporter } from './json-reporter.ts';
import { createLinesReporter } from './lines-reporter.ts';
import type { ProgressEvent } from './progress.ts';
import { createTerminalReporter } from './terminal-reporter.ts';

export const progressModes = ['auto', 'plain', 'json'] as const;
export type ProgressMode = (typeof progressModes)[number];

export interface ReporterOptions<E extends EventKind> {
  /** Standard error in most programs: standard output is for results. */
  readonly stream: NodeJS.WriteStream;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  /** What users see of an event. */
  readonly asProgress: (event: E) => ProgressEvent;
}

export function openReporter<E extends EventKind>(
  mode: ProgressMode,
  { stream, clock, asProgress }: ReporterOptions<E>,
): Reporter<E> {
  const write = (line: string): void => {
    stream.write(`${line}\n`);
  };
  if (mode === 'json')
    return createJsonReporter({ write, monotonicMs: () => clock.monotonicMs(), asProgress });
  const isLive = mode === 'auto' && stream.isTTY;
  const show = isLive ? createTerminalReporter({ stream, clock }) : createLinesReporter({ write, clock });
  return (event) => {
    const { time, node } = event;
    show({ time, ...(node === undefined ? {} : { node }), ...asProgress(event) });
  };
}
