/** Runs again with a new plan, a few times, when the node changed after planning. */
import { exitCodes, KataError } from '@kata/core';
import { isFileChanged } from '../engine/engine-files.ts';
import { isPodsStarted } from '../facts/sandbox-watch.ts';

const maximumPlans = 5;

/** `work` reads its own facts each time; when it throws, it has been rolled back, or the next run can finish it. */
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
    `${path} is being modified concurrently: its text changed during ${maximumPlans} attempts in a row`,
    {
      exitCode: exitCodes.temporary,
      hint: `find out what writes ${path} (configuration management?), stop it, and run this again`,
      details: { path },
      cause: error,
    },
  );
}
