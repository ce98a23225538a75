/** Waits for a condition, with a deadline and a description of what is awaited. */
import { anySignal, type Clock, systemClock } from './clock.ts';
import { exitCodes } from './exit-codes.ts';
import { KataError } from './kata-error.ts';

export interface WaitOptions {
  /** Completes the sentence "waiting for …". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
  /** Default: the system's. */
  readonly clock?: Clock;
  readonly hint?: string;
}

/**
 * Calls `probe` until it returns something other than `undefined`, and returns that.
 * A probe that throws counts as "not yet"; its last error becomes the cause of the time-out. The signal passed to the
 * probe is aborted at the deadline.
 */
export async function waitFor<T>(
  options: WaitOptions,
  probe: (signal: AbortSignal) => Promise<T | undefined>,
): Promise<T> {
  const { clock = systemClock, intervalMs = 250 } = options;
  const timeout = clock.timeout(options.timeoutMs);
  const signal = anySignal(options.signal, timeout);
  const ended = rejectOn(signal);
  let lastError: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const found = await Promise.race([probe(signal), ended]);
      if (found !== undefined) return found;
      lastError = undefined;
    } catch (error) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      if (!timeout.aborted) lastError = error;
    }
    if (timeout.aborted) {
      throw new KataError(
        'KATA_CORE_TIMEOUT',
        `timed out after ${Math.round(options.timeoutMs / 1000)} s waiting for ${options.what}`,
        {
          exitCode: exitCodes.timeout,
          cause: lastError,
          ...(options.hint === undefined ? {} : { hint: options.hint }),
        },
      );
    }
    await clock.sleep(intervalMs, signal).catch(() => undefined);
  }
}

/** A probe that hangs must not outlive the deadline. */
function rejectOn(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  // Between two probes nothing else handles the rejection.
  promise.catch(() => undefined);
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise;
}
