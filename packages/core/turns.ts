/** Interrupts long work of the calling thread, so that signals, timers and answers are not kept waiting. */
import { setImmediate } from 'node:timers/promises';

const longestMs = 20;

export class Turns {
  #sinceMs = performance.now();

  /** To be called often: it does something only when others have waited long enough. */
  async give(): Promise<void> {
    if (performance.now() - this.#sinceMs < longestMs) return;
    await setImmediate();
    this.#sinceMs = performance.now();
  }
}
