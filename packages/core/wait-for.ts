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
 * A probe that throws counts as "not yet"; its last error becomes the cause of the time-out.
 */
export async function waitFor<T>(options: WaitOptions, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let lastError: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const found = await probe();
      if (found !== undefined) return found;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= deadline) {
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
    await sleep(options.intervalMs ?? 250, undefined, options.signal ? { signal: options.signal } : {});
  }
}
