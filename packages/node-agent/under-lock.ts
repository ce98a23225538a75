/** Runs work while it holds the lock of the node. */
import type { AgentContext } from './context.ts';
import { lockNode, type NodeLockOptions, ownHolder } from './node-lock.ts';

export async function underLock<T>(
  { host, config, signal, report }: Pick<AgentContext, 'host' | 'config' | 'signal' | 'report'>,
  command: string,
  work: () => Promise<T>,
  limits: Pick<NodeLockOptions, 'timeoutMs' | 'sharedTimeoutMs' | 'needsShared'> = {},
): Promise<T> {
  const lock = await lockNode(host, {
    holder: `${ownHolder}${command}, process ${process.pid}, since ${host.now().toISOString()}`,
    signal,
    report: report.note,
    isSharedOnly: config.lockDirectory !== undefined,
    ...limits,
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
