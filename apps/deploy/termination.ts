/** Being told to end (SIGTERM), as a signal that work can look at and wait for; told again, nothing more happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes, KataError } from '@kata/core';

/** Whoever waits for the lock has to have it after 10 s. */
const stopTimeoutMs = 8000;

export interface Termination extends Disposable {
  readonly signal: AbortSignal;
  /** Resolves when it comes; alone it keeps no process alive. */
  readonly told: Promise<void>;
}

export function listenForTermination(): Termination {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const hear = (): void => {
    controller.abort();
    resolve();
  };
  process.on('SIGTERM', hear);
  return {
    signal: controller.signal,
    told: promise,
    [Symbol.dispose]: () => {
      process.off('SIGTERM', hear);
    },
  };
}

/** @throws KataError when it is told to end and cannot: what goes on then ends with the process, as when it is killed. */
export async function endInTime<T>(
  work: Promise<T>,
  { told }: Termination,
  timeoutMs = stopTimeoutMs,
): Promise<T> {
  const settled = new AbortController();
  const late = async (): Promise<never> => {
    await told;
    await sleep(timeoutMs, undefined, { signal: settled.signal });
    throw new KataError(
      'KATA_DEPLOY_CUT_OFF',
      `terminated (SIGTERM), and still busy after ${timeoutMs / 1000} s`,
      {
        exitCode: exitCodes.terminated,
        hint: 'nothing is lost: the next run resumes where it stopped, and the decision at the end of a pod removes it',
      },
    );
  };
  const cut = late();
  // It may be rejected after everybody stopped listening.
  cut.catch(() => undefined);
  try {
    return await Promise.race([work, cut]);
  } finally {
    settled.abort();
  }
}
