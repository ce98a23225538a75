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
}

const usualTimeoutMs = 10 * 60_000;
const usualSharedTimeoutMs = 2 * 60_000;

/** @throws KataError `KATA_HOST_LOCKED`, `KATA_HOST_LOCK_STOPPED`. */
export async function lockNode(host: Pick<Host, 'lock'>, options: NodeLockOptions): Promise<HostLock> {
  const { timeoutMs = usualTimeoutMs, sharedTimeoutMs = usualSharedTimeoutMs } = options;
  if (options.isSharedOnly) return await host.lock(sharedLock, lockOptions(sharedLock, timeoutMs, options));
  const own = await host.lock(ownLock, lockOptions(ownLock, timeoutMs, options));
  try {
    const shared = await host
      .lock(sharedLock, lockOptions(sharedLock, sharedTimeoutMs, options))
      .catch((error: unknown) => goOnWithout(error, options));
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

/** Held for ever, or made by an ordinary user so that the kernel refuses it to root (fs.protected_regular). */
function goOnWithout(error: unknown, { signal, say }: NodeLockOptions): undefined {
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
