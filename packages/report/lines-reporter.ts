/** Progress as plain lines, for logs and pipes: what ended, and now and then what is still going on. */
import type { ProgressEvent, ProgressReporter } from './progress.ts';
import { formatSeconds, TaskBoard } from './task-board.ts';

const heartbeatMs = 20_000;

export function createLinesReporter(write: (line: string) => void): ProgressReporter {
  const board = new TaskBoard();
  const heartbeat = setInterval(() => {
    if (board.running.size > 0) write(`  … ${board.summary(Date.now())}`);
  }, heartbeatMs);
  heartbeat.unref();
  return {
    report(event) {
      board.apply(event, Date.now());
      const line = formatEvent(event);
      if (line !== undefined) write(line);
    },
    close() {
      clearInterval(heartbeat);
    },
  };
}

/** The line that stays after an event, if it is worth one. */
export function formatEvent(event: ProgressEvent): string | undefined {
  switch (event.kind) {
    case 'task.done': {
      const detail = event.detail === '' ? '' : `  ${event.detail}`;
      return `✔ ${event.title.padEnd(28)} ${formatSeconds(event.seconds).padStart(7)}${detail}`;
    }
    case 'task.failed':
      return `✘ ${event.title.padEnd(28)} ${formatSeconds(event.seconds).padStart(7)}  ${event.message}`;
    case 'note':
      return event.text;
    case 'tasks.planned':
    case 'task.started':
    case 'task.detail':
      return undefined;
  }
}
