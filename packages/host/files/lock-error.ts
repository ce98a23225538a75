/** Says that somebody else works on the machine, and who; or that we were told to end before it was our turn. */
import { exitCodes, KataError } from '@kata/core';
import type { HostPath, LockOptions } from '../host.ts';

export function lockedError(path: HostPath, options: LockOptions, holder: string): KataError {
  const who = holder === '' ? 'somebody else' : holder;
  const seconds = Math.round(options.timeoutMs / 1000);
  return new KataError('KATA_HOST_LOCKED', `${path} is still held by ${who} after ${seconds} s`, {
    exitCode: exitCodes.timeout,
    hint: 'wait until that run has ended, then try again',
    details: { path, holder },
  });
}

export function stoppedError(path: HostPath, holder: string): KataError {
  const who = holder === '' ? '' : `, held by ${holder}`;
  return new KataError('KATA_HOST_LOCK_STOPPED', `told to end while waiting for ${path}${who}`, {
    exitCode: exitCodes.terminated,
    hint: 'nothing was changed; run it again',
    details: { path, holder },
  });
}
