/** Progress as plain lines, for logs and pipes: what ended, and at intervals what is still running. */
import type { Clock } from '@kata/core';
import type { Reporter, Stamped } from './event.ts';
import { describeProgress, type ProgressEvent } from './progress.ts';
import { formatSeconds, TaskBoard } from './task-board.ts';
import { createTicker } from './ticker.ts';

const heartbeatMs = 10_000;
/** Shorter durations are not printed. */
const slowSeconds = 1;

export interface LinesOptions {
  readonly write: (line: string) => void;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
}

export function createLinesReporter({ write, clock }: LinesOptions): Reporter<ProgressEvent> {
  const board = new TaskBoard();
  const tick = createTicker(heartbeatMs, () => {
    write(`${clock.now().toISOString()}   … ${board.summary(clock.monotonicMs())}`);
  });
  return (event) => {
    const seconds = board.apply(event, clock.monotonicMs());
    if (leavesLine(event)) write(formatLine(event, seconds));
    tick(board.running.size > 0);
  };
}

function leavesLine(event: ProgressEvent): boolean {
  switch (event.kind) {
    case 'task.started':
      return event.isLong === true;
    case 'task.done':
    case 'task.failed':
    case 'note':
      return true;
    case 'tasks.planned':
    case 'task.progress':
      return false;
  }
}

function formatLine(event: Stamped<ProgressEvent>, seconds = 0): string {
  const place = event.node === undefined ? '' : `${event.node}: `;
  const duration = seconds < slowSeconds ? '' : ` (${formatSeconds(seconds)})`;
  return `${event.time} ${place}${describeProgress(event)}${duration}`;
}
