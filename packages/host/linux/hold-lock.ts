/** Holds a flock(2) through kata-helper, which releases it when this process ends, however it ends. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { exitCodes, KataError } from '@kata/core';
import { fileError } from '../files/file-error.ts';
import { lockedError, stoppedError } from '../files/lock-error.ts';
import type { HostLock, HostPath, LockOptions } from '../host.ts';
import { helperSystemError } from './run-helper.ts';

export interface HoldLockOptions extends LockOptions {
  /** Path of kata-helper. */
  readonly helper: string;
  /** As the host sees it. */
  readonly path: HostPath;
  /** As this process sees it. */
  readonly place: string;
}

type Helper = ChildProcessByStdio<Writable, Readable, Readable>;
type Ending = { readonly kind: 'ended'; readonly cause: unknown };

const releaseTimeoutMs = 5_000;

export async function holdLock(options: HoldLockOptions): Promise<HostLock> {
  const child: Helper = spawn(options.helper, ['lock', options.place, options.holder], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A separate session: Ctrl-C in the terminal must not release the lock of a run that is still cleaning up.
    detached: true,
  });
  // Its exit code says more than a broken pipe.
  child.stdin.on('error', () => undefined);
  const ending = endingOf(child, options);
  const { signal, timeoutMs } = options;
  const stops = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);
  const stopped = stops.aborted ? Promise.resolve([]) : once(stops, 'abort');
  let holder = '';
  const noteHolder = (found: string): void => {
    holder = found;
    options.onWait?.(found);
  };
  try {
    const outcome = await Promise.race([untilHeld(child, noteHolder), ending, stopped]);
    if (outcome === 'held') return lockOf(child, ending, options.path);
    if ('kind' in outcome) throw outcome.cause;
    throw signal?.aborted === true
      ? stoppedError(options.path, holder)
      : lockedError(options.path, options, holder);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Does not resolve when the helper ends before. */
async function untilHeld(child: Helper, onWait: (holder: string) => void): Promise<'held'> {
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'held') return 'held';
    if (line.startsWith('waiting ')) onWait(line.slice('waiting '.length));
  }
  return await new Promise(() => undefined);
}

async function endingOf(child: Helper, options: HoldLockOptions): Promise<Ending> {
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return await new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'ended', cause: helperFailed(options, error) }));
    child.once('close', (code, signal) => {
      const named = helperSystemError(stderr, 'lock', options.place);
      const reason = stderr.trim() || `kata-helper exited with ${signal ?? code}`;
      const cause =
        named === undefined
          ? helperFailed(options, new Error(reason))
          : fileError('lock', options.path, named);
      resolve({ kind: 'ended', cause });
    });
  });
}

function helperFailed(options: HoldLockOptions, cause: Error): KataError {
  return new KataError('KATA_HOST_HELPER', `cannot lock ${options.path}`, {
    cause,
    exitCode: exitCodes.precondition,
    hint: `check that ${options.helper} exists and is built for this machine`,
  });
}

function lockOf(child: Helper, ending: Promise<Ending>, path: HostPath): HostLock {
  // A lock that is not released must not keep this process running: its end releases the lock.
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  let isReleased = false;
  return {
    release: async () => {
      if (isReleased) return;
      isReleased = true;
      if (child.exitCode !== null || child.signalCode !== null) throw lostError(path, await ending);
      child.ref();
      child.stdin.end();
      const late = setTimeout(() => child.kill('SIGKILL'), releaseTimeoutMs);
      await ending;
      clearTimeout(late);
    },
  };
}

function lostError(path: HostPath, ending: Ending): KataError {
  return new KataError('KATA_HOST_LOCK_LOST', `the lock ${path} was lost: kata-helper was killed`, {
    cause: ending.cause,
    exitCode: exitCodes.temporary,
    hint: 'run the command again: another process may have changed the machine at the same time',
  });
}
