/** Failures of the checks before the first cordon. */
import { KataError } from '@kata/core';

const codes: readonly string[] = [
  'KATA_LIFECYCLE_NOT_PREPARED',
  'KATA_LIFECYCLE_POD_REFUSED',
  'KATA_LIFECYCLE_NO_ROOM',
  'KATA_ROLLOUT_POD_INVALID',
];

export function isUnprepared(error: unknown): error is KataError {
  return error instanceof KataError && codes.includes(error.code);
}
