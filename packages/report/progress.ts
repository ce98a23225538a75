/** The kinds that reporters show: which tasks there are, which are running, what each is doing, how each ended. */
import type { Emit } from './event.ts';

/** The name of a task is what users see; two running tasks of a node must have different names. */
export type ProgressEvent =
  | { readonly kind: 'tasks.planned'; readonly tasks: readonly string[] }
  | {
      readonly kind: 'task.started';
      readonly task: string;
      readonly detail?: string;
      /** A log gets a line at its start, too. */
      readonly isLong?: true;
    }
  | { readonly kind: 'task.progress'; readonly task: string; readonly detail: string }
  | { readonly kind: 'task.done'; readonly task: string; readonly detail: string }
  | { readonly kind: 'task.failed'; readonly task: string; readonly error: string }
  | { readonly kind: 'note'; readonly message: string };

/** The line that users read. */
export function describeProgress(event: ProgressEvent): string {
  switch (event.kind) {
    case 'tasks.planned':
      return `planned: ${event.tasks.join(', ')}`;
    case 'task.started':
      return `${withDetail(event.task, event.detail ?? '')} …`;
    case 'task.progress':
    case 'task.done':
      return withDetail(event.task, event.detail);
    case 'task.failed':
      return `failed: ${event.task}: ${event.error}`;
    case 'note':
      return event.message;
  }
}

function withDetail(task: string, detail: string): string {
  return detail === '' ? task : `${task}: ${detail}`;
}

export class Progress {
  readonly #emit: Emit<ProgressEvent>;

  constructor(emit: Emit<ProgressEvent>) {
    this.#emit = emit;
  }

  /** Announces tasks that will run, so that reporters can show what remains. */
  plan(tasks: readonly string[]): void {
    this.#emit({ kind: 'tasks.planned', tasks });
  }

  note(message: string): void {
    this.#emit({ kind: 'note', message });
  }

  /** Runs one task; its last detail is shown with its end. */
  async task<T>(task: string, run: (setDetail: (detail: string) => void) => Promise<T>): Promise<T> {
    let detail = '';
    this.#emit({ kind: 'task.started', task });
    try {
      const result = await run((text) => {
        detail = text;
        this.#emit({ kind: 'task.progress', task, detail });
      });
      this.#emit({ kind: 'task.done', task, detail });
      return result;
    } catch (error) {
      this.#emit({ kind: 'task.failed', task, error: messageOf(error) });
      throw error;
    }
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
