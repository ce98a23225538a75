/** Long work as typed events: which tasks there are, which run, what each is doing, how each ended. */

export type ProgressEvent =
  | { readonly kind: 'tasks.planned'; readonly titles: readonly string[] }
  | { readonly kind: 'task.started'; readonly title: string }
  | { readonly kind: 'task.detail'; readonly title: string; readonly detail: string }
  | {
      readonly kind: 'task.done';
      readonly title: string;
      readonly seconds: number;
      readonly detail: string;
    }
  | {
      readonly kind: 'task.failed';
      readonly title: string;
      readonly seconds: number;
      readonly message: string;
    }
  | { readonly kind: 'note'; readonly text: string };

export interface ProgressReporter {
  report(event: ProgressEvent): void;
  /** Removes what is on the screen only while work goes on. */
  close(): void;
}

export class Progress {
  readonly #reporter: ProgressReporter;

  constructor(reporter: ProgressReporter) {
    this.#reporter = reporter;
  }

  /** Announces tasks that will be run, so that what remains can be shown. */
  plan(titles: readonly string[]): void {
    this.#reporter.report({ kind: 'tasks.planned', titles });
  }

  note(text: string): void {
    this.#reporter.report({ kind: 'note', text });
  }

  /** Runs one task; its last detail stays beside its name when it is done. */
  async task<T>(title: string, run: (say: (detail: string) => void) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1000;
    let detail = '';
    this.#reporter.report({ kind: 'task.started', title });
    try {
      const result = await run((text) => {
        detail = text;
        this.#reporter.report({ kind: 'task.detail', title, detail });
      });
      this.#reporter.report({ kind: 'task.done', title, seconds: seconds(), detail });
      return result;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#reporter.report({ kind: 'task.failed', title, seconds: seconds(), message });
      throw error;
    }
  }
}
