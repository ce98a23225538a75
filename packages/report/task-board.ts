/** The state of all tasks after the events so far, on any number of nodes: done, running, waiting. */
import type { Stamped } from './event.ts';
import type { ProgressEvent } from './progress.ts';

interface RunningTask {
  /** With its node. */
  readonly name: string;
  readonly startedAtMs: number;
  readonly detail: string;
}

/** More names would make the line unreadable. */
const mostNames = 5;

export class TaskBoard {
  readonly waiting = new Set<string>();
  readonly running = new Map<string, RunningTask>();
  #plannedCount = 0;
  #doneCount = 0;

  /** Returns the duration in seconds of the task that the event ends. `atMs`: on a clock that cannot be set. */
  apply(event: Stamped<ProgressEvent>, atMs: number): number | undefined {
    switch (event.kind) {
      case 'tasks.planned':
        for (const task of event.tasks) this.waiting.add(nameOf(event, task));
        this.#plannedCount += event.tasks.length;
        return undefined;
      case 'task.started': {
        const name = nameOf(event, event.task);
        if (!this.waiting.delete(name) && this.#plannedCount > 0) this.#plannedCount += 1;
        this.running.set(name, { name, startedAtMs: atMs, detail: event.detail ?? '' });
        return undefined;
      }
      case 'task.progress': {
        const task = this.running.get(nameOf(event, event.task));
        if (task !== undefined) this.running.set(task.name, { ...task, detail: event.detail });
        return undefined;
      }
      case 'task.done':
      case 'task.failed': {
        const name = nameOf(event, event.task);
        const task = this.running.get(name);
        this.running.delete(name);
        this.#doneCount += 1;
        return task === undefined ? undefined : (atMs - task.startedAtMs) / 1000;
      }
      case 'note':
        return undefined;
    }
  }

  /** One line: `3 of 9 done; now: kube 1m04s (compiling); then: shim, cni`. `nowMs`: on the same clock. */
  summary(nowMs: number): string {
    const now = [...this.running.values()].map(({ name, startedAtMs, detail }) => {
      const age = formatSeconds((nowMs - startedAtMs) / 1000);
      return detail === '' ? `${name} ${age}` : `${name} ${age} (${detail})`;
    });
    const parts = this.#plannedCount === 0 ? [] : [`${this.#doneCount} of ${this.#plannedCount} done`];
    if (now.length > 0) parts.push(`now: ${firstOf(now)}`);
    if (this.waiting.size > 0) parts.push(`then: ${firstOf([...this.waiting])}`);
    return parts.join('; ');
  }
}

/** With its node, where it has one. */
function nameOf({ node }: Stamped<ProgressEvent>, task: string): string {
  return node === undefined ? task : `${node}: ${task}`;
}

export function firstOf(names: readonly string[], most: number = mostNames): string {
  const more = names.length - most;
  return more <= 0 ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${more} more`;
}

/** `0.4s`, `12s`, `3m05s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
}
