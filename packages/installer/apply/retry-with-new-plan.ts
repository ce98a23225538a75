/** A run whose plan turned out to be about another node than the one that is there begins anew, some times. */
import { exitCodes, KataError } from '@kata/core';
import { isFileChanged } from '../engine/engine-files.ts';
import { isPodsStarted } from '../facts/sandbox-watch.ts';

const maximumPlans = 5;

/** `work` plans from facts of its own each time; what it throws comes after it put everything back, or can be finished. */
export async function retryWithNewPlan<T>(work: () => Promise<T>): Promise<T> {
  for (let plans = 1; ; plans += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isFileChanged(error) && !isPodsStarted(error)) throw error;
      if (plans >= maximumPlans) throw isFileChanged(error) ? keepsChanging(error) : error;
    }
  }
}

function keepsChanging(error: KataError): KataError {
  const path = String(error.details['path']);
  return new KataError(
    'KATA_ENGINE_FILE_CHANGING',
    `${path} is being changed by something else: it was another text at ${maximumPlans} attempts in a row`,
    {
      exitCode: exitCodes.temporary,
      hint: `find out what writes ${path} (a configuration management?), let it end, and run this again`,
      details: { path },
      cause: error,
    },
  );
}
