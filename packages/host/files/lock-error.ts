/** The errors of a lock that another process holds: timed out, or terminated while waiting. */
import { exitCodes, KataError } from '@kata/core';
import type { HostPath, LockOptions } from '../host.ts';

export function lockedError(path: HostPath, options: LockOptions, holder: string): KataError {
  const who = holder === '' ? 'another process' : holder;
  const seconds = Math.round(options.timeoutMs / 1000);
  return new KataError('KATA_HOST_LOCKED', `${path} is still held by ${who} after ${seconds} s`, {
    exitCode: exitCodes.timeout,
    hint: 'wait until that process has ended, then run the command again',
    details: { path, holder },
  });
}

export function stoppedError(path: HostPath, holder: string): KataError {
  const who = holder === '' ? '' : `, held by ${holder}`;
  return new KataError(
    'KATA_HOST_LOCK_STOPPED',
    `terminated (SIGTERM) while waiting for the lock ${path}${who}`,
    {
      exitCode: exitCodes.terminated,
      hint: 'nothing was changed; run the command again',
      details: { path, holder },
    },
  );
}
