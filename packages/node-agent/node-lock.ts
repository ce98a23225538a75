/** The locks by which only one installer works on a machine: one that root alone can take, and upstream's. */
import { KataError } from '@kata/core';
import type { Host, HostLock, LockOptions } from '@kata/host';

/** In a folder of root's own: nobody else can open it, so nobody else can hold us up. */
export const ownLock = '/run/kata-deploy/lock';
/** Upstream's installer takes it, and any user of the machine can. */
export const sharedLock = '/run/lock/kata-deploy.lock';

export interface NodeLockOptions {
  /** For those who wait. */
  readonly holder: string;
  readonly signal: AbortSignal | undefined;
  readonly say: (line: string) => void;
  /** The pod sees no folder of root's own: those of upstream's chart. */
  readonly isSharedOnly: boolean;
  readonly timeoutMs?: number;
  /** As long as upstream's installer takes at most; after it somebody holds it for no good reason. */
  readonly sharedTimeoutMs?: number;
  /** Whoever holds upstream's lock, for whatever reason: what can wait does not go on without it. */
  readonly needsShared?: boolean;
}

const usualTimeoutMs = 10 * 60_000;
const usualSharedTimeoutMs = 2 * 60_000;

/** How our own runs name themselves, also those that see upstream's lock only. */
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
        if (!isOfOurs(error) || options.needsShared === true) return goOnWithout(error, options);
        return await host.lock(sharedLock, lockOptions(sharedLock, timeoutMs, options));
      });
    return both(own, shared);
  } catch (error) {
    await own.release();
    throw error;
  }
}

function lockOptions(path: string, timeoutMs: number, { holder, signal, say }: NodeLockOptions): LockOptions {
  return {
    holder,
    timeoutMs,
    signal,
    onWait: (by) => {
      say(`waiting for the lock ${path}, held by: ${by || 'a process that does not say who it is'}`);
    },
  };
}

/** Another installer of ours works on the node: its pod sees no folder of root's own. */
function isOfOurs(error: unknown): boolean {
  return isLocked(error) && String(error.details['holder']).startsWith(ownHolder);
}

function isLocked(error: unknown): error is KataError {
  return error instanceof KataError && error.code === 'KATA_HOST_LOCKED';
}

/** Held for ever, or made by an ordinary user so that the kernel refuses it to root (fs.protected_regular). */
function goOnWithout(error: unknown, { signal, say, needsShared }: NodeLockOptions): undefined {
  if (needsShared === true && isLocked(error)) throw error;
  if (!(error instanceof KataError) || signal?.aborted === true) throw error;
  say(`warning: continuing without the lock ${sharedLock}, which any user can hold: ${error.message}`);
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
