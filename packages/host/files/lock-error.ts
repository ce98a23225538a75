/** Says that somebody else works on the machine, and who. */
import { exitCodes, KataError } from '@kata/core';
import type { HostPath, LockOptions } from '../host.ts';

export function lockedError(path: HostPath, options: LockOptions, holder: string): KataError {
  const who = holder === '' ? 'somebody else' : holder;
  const seconds = Math.round(options.timeoutMs / 1000);
  return new KataError('KATA_HOST_LOCKED', `${path} is still held by ${who} after ${seconds} s`, {
    exitCode: exitCodes.conflict,
    hint: 'wait until that run has ended, then try again',
    details: { path, holder },
  });
}
