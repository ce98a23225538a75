/** Why a verification pod cannot be used. */
import { exitCodes, KataError } from '@kata/core';

export function podInvalid(problem: string, hint: string): KataError {
  return new KataError('KATA_ROLLOUT_POD_INVALID', `cannot use the verification pod: ${problem}`, {
    exitCode: exitCodes.usage,
    hint,
  });
}
