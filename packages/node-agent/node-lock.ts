/** The locks that let only one installer change a machine: one that only root can take, and upstream's. */
import { KataError } from '@kata/core';
import type { Host, HostLock, LockOptions } from '@kata/host';

/** In a directory of root, so that no other user can take it and block us. */
export const ownLock = '/run/kata-deploy/lock';
/** Upstream's installer takes it, and any user of the machine can. */
export const sharedLock = '/run/lock/kata-deploy.lock';

export interface NodeLockOptions {
  /** Shown to processes that wait for the lock. */
  readonly holder: string;
  readonly signal: AbortSignal | undefined;
  readonly report: (line: string) => void;
  /** Pods of upstream's chart see only the shared lock. */
  readonly isSharedOnly: boolean;
  readonly timeoutMs?: number;
  /** Upstream's installer needs no longer than this. */
  readonly sharedTimeoutMs?: number;
  /** Fails, instead of continuing, without the shared lock: for work that can wait. */
  readonly needsShared?: boolean;
}

const usualTimeoutMs = 10 * 60_000;
const usualSharedTimeoutMs = 2 * 60_000;

/** Begins the name of every holder that is kata-deploy. */
export const ownHolder = 'kata-deploy ';

/** @throws KataError `KATA_HOST_LOCKED`, `KATA_HOST_LOCK_STOPPED`. */
export async function lockNode(host: Pick<Host, 'lock'>, options: NodeLockOptions): Promise<HostLock> {
  const { timeoutMs = usualTimeoutMs, sharedTimeoutMs = usualSharedTimeoutMs } = options;
  if (options.isSharedOnly) return await host.lock(sharedLock, lockOptions(sharedLock, timeoutMs, options));
  const own = await host.lock(ownLock, lockOptions(ownLock, timeoutMs, options));
  try {
    const shared = await host
      .lock(sharedLock, lockOptions(sharedLock, sharedTimeoutMs, options))
      .catch(async (error: unknown) => {
        if (!isHeldByKataDeploy(error) || options.needsShared === true)
          return continueWithout(error, options);
        return await host.lock(sharedLock, lockOptions(sharedLock, timeoutMs, options));
      });
    return both(own, shared);
  } catch (error) {
    await own.release();
    throw error;
  }
}

function lockOptions(
  path: string,
  timeoutMs: number,
  { holder, signal, report }: NodeLockOptions,
): LockOptions {
  return {
    holder,
    timeoutMs,
    signal,
    onWait: (by) => {
      report(`waiting for the lock ${path}, held by: ${by || 'an unknown process'}`);
    },
  };
}

/** Another kata-deploy, in a pod that sees only the shared lock. */
function isHeldByKataDeploy(error: unknown): boolean {
  return isLocked(error) && String(error.details['holder']).startsWith(ownHolder);
}

function isLocked(error: unknown): error is KataError {
  return error instanceof KataError && error.code === 'KATA_HOST_LOCKED';
}

/** It is held for ever, or an ordinary user created it, and the kernel refuses it to root (fs.protected_regular). */
function continueWithout(error: unknown, { signal, report, needsShared }: NodeLockOptions): undefined {
  if (needsShared === true && isLocked(error)) throw error;
  if (!(error instanceof KataError) || signal?.aborted === true) throw error;
  report(`warning: continuing without the lock ${sharedLock}, which any user can hold: ${error.message}`);
  return undefined;
}

function both(own: HostLock, shared: HostLock | undefined): HostLock {
  return {
    release: async () => {
      try {
        await shared?.release();
      } finally {
        await own.release();
      }
    },
  };
}
