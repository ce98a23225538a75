/** Waits for something to become true, with a deadline and a name for what is awaited. */
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from './exit-codes.ts';
import { KataError } from './kata-error.ts';

export interface WaitOptions {
  /** Completes the sentence "waiting for …". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
  readonly hint?: string;
}

/**
 * Calls `probe` until it returns something other than `undefined`, and returns that.
 * A probe that throws counts as "not yet"; its last error becomes the cause of the time-out. The signal that it
 * gets is aborted at the deadline.
 */
export async function waitFor<T>(
  options: WaitOptions,
  probe: (signal: AbortSignal) => Promise<T | undefined>,
): Promise<T> {
  const timeout = AbortSignal.timeout(Math.ceil(options.timeoutMs));
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  let lastError: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const found = await Promise.race([probe(signal), rejectOn(signal)]);
      if (found !== undefined) return found;
      lastError = undefined;
    } catch (error) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      if (!timeout.aborted) lastError = error;
    }
    if (timeout.aborted) {
      throw new KataError(
        'KATA_CORE_TIMEOUT',
        `waited ${Math.round(options.timeoutMs / 1000)} s in vain for ${options.what}`,
        {
          exitCode: exitCodes.timeout,
          cause: lastError,
          ...(options.hint === undefined ? {} : { hint: options.hint }),
        },
      );
    }
    await sleep(options.intervalMs ?? 250, undefined, { signal }).catch(() => undefined);
  }
}

/** A probe that hangs must not outlive the deadline. */
async function rejectOn(signal: AbortSignal): Promise<never> {
  return await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
