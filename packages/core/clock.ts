/** Time as code takes it from its caller, so that its tests need not wait. */
import { setTimeout as wait } from 'node:timers/promises';

export interface Clock {
  /** For what is written down; administrators set this clock, so nothing is decided by it. */
  now(): Date;
  /** Milliseconds on a clock that nobody sets; only differences have a meaning. */
  monotonicMs(): number;
  /** Rejects with the reason of the signal when that is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Aborted, with a `TimeoutError`, after so long; keeps no process running. */
  timeout(ms: number): AbortSignal;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    await wait(ms, undefined, { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  },
  timeout: (ms) => AbortSignal.timeout(Math.ceil(ms)),
};

/** Either of them; one may be left out. */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
