/** The state that progress events add up to: done, running, waiting. */
import type { ProgressEvent } from './progress.ts';

export interface RunningTask {
  readonly title: string;
  readonly startedAtMs: number;
  readonly detail: string;
}

export class TaskBoard {
  readonly waiting: string[] = [];
  readonly running = new Map<string, RunningTask>();
  doneCount = 0;

  apply(event: ProgressEvent, nowMs: number): void {
    switch (event.kind) {
      case 'tasks.planned':
        this.waiting.push(...event.titles);
        return;
      case 'task.started': {
        const at = this.waiting.indexOf(event.title);
        if (at >= 0) this.waiting.splice(at, 1);
        this.running.set(event.title, { title: event.title, startedAtMs: nowMs, detail: '' });
        return;
      }
      case 'task.detail': {
        const task = this.running.get(event.title);
        if (task) this.running.set(event.title, { ...task, detail: event.detail });
        return;
      }
      case 'task.done':
      case 'task.failed':
        this.running.delete(event.title);
        this.doneCount += 1;
        return;
      case 'note':
    }
  }

  /** One line: `3 of 9 done; now: kube 1m04s (compiling); then: shim, cni`. */
  summary(nowMs: number): string {
    const total = this.doneCount + this.running.size + this.waiting.length;
    const now = [...this.running.values()].map((task) => {
      const age = formatSeconds((nowMs - task.startedAtMs) / 1000);
      return task.detail === '' ? `${task.title} ${age}` : `${task.title} ${age} (${task.detail})`;
    });
    const parts = [`${this.doneCount} of ${total} done`];
    if (now.length > 0) parts.push(`now: ${now.join(', ')}`);
    if (this.waiting.length > 0) parts.push(`then: ${this.waiting.join(', ')}`);
    return parts.join('; ');
  }
}

/** `0.4s`, `12s`, `3m05s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
}
