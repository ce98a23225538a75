/** Events for programs, one line of JSON each: time, node, kind, the message for users, and the fields of the kind. */
import type { EventKind, Reporter, Stamped } from './event.ts';
import { describeProgress, type ProgressEvent } from './progress.ts';

/** Between two lines of one task's progress. */
const intervalMs = 1000;

export interface JsonOptions<E extends EventKind> {
  readonly write: (line: string) => void;
  /** A clock that cannot be set; only differences have a meaning. */
  readonly monotonicMs: () => number;
  readonly asProgress: (event: E) => ProgressEvent;
}

/** Drops progress that follows too soon: a release has thousands of files, and each is progress. */
export function createJsonReporter<E extends EventKind>({
  write,
  monotonicMs,
  asProgress,
}: JsonOptions<E>): Reporter<E> {
  const writtenMs = new Map<string, number>();
  return (event) => {
    const progress = asProgress(event);
    const name = JSON.stringify([event.node, 'task' in progress ? progress.task : undefined]);
    if (progress.kind === 'task.progress') {
      const atMs = monotonicMs();
      if (atMs - (writtenMs.get(name) ?? -Infinity) < intervalMs) return;
      writtenMs.set(name, atMs);
    } else {
      writtenMs.delete(name);
    }
    write(formatJsonLine(event, progress));
  };
}

/** Without a line break at its end. `progress`: what users see of the event. */
export function formatJsonLine<E extends EventKind>(event: Stamped<E>, progress: ProgressEvent): string {
  const { time, node, kind, ...rest } = event;
  return JSON.stringify({ time, node, kind, message: describeProgress(progress), ...rest });
}
