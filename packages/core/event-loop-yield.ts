/** Interrupts long work, so that signals, timers and I/O of the same thread are handled in time. */
import { setImmediate } from 'node:timers/promises';

const longestMs = 20;

export class EventLoopYield {
  #sinceMs = performance.now();

  /** Call it often: it yields at most once in `longestMs`. */
  async yieldIfDue(): Promise<void> {
    if (performance.now() - this.#sinceMs < longestMs) return;
    await setImmediate();
    this.#sinceMs = performance.now();
  }
}
