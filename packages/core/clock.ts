/** Time, passed in by the caller, so that tests need not wait. */
import { setTimeout as wait } from 'node:timers/promises';

export interface Clock {
  /** For timestamps only: administrators can set this clock, so no decision depends on it. */
  now(): Date;
  /** Milliseconds on a clock that cannot be set; only differences have a meaning. */
  monotonicMs(): number;
  /** Rejects with the reason of the signal when that is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Aborted with a `TimeoutError` after `ms`; does not keep the process running. */
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

/** Aborted as soon as one of them is; undefined ones are ignored. */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
