/** SIGTERM as an AbortSignal and a promise; further SIGTERMs are ignored. */
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes, KataError } from '@kata/core';

/** The process that waits for the lock must get it within 10 s. */
const stopTimeoutMs = 8000;

export interface Termination extends Disposable {
  readonly signal: AbortSignal;
  /** Resolves on SIGTERM; does not keep the process alive. */
  readonly told: Promise<void>;
}

export function listenForTermination(): Termination {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle = (): void => {
    controller.abort();
    resolve();
  };
  process.on('SIGTERM', handle);
  return {
    signal: controller.signal,
    told: promise,
    [Symbol.dispose]: () => {
      process.off('SIGTERM', handle);
    },
  };
}

/** @throws KataError `KATA_DEPLOY_CUT_OFF` when the work is not done in time after SIGTERM: it ends with the process, as after SIGKILL. */
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
        hint: 'the next run resumes where it stopped, unless the cleanup decision of the pod removes the installation',
      },
    );
  };
  const cut = late();
  // Avoids an unhandled rejection after the work has ended.
  cut.catch(() => undefined);
  try {
    return await Promise.race([work, cut]);
  } finally {
    settled.abort();
  }
}
