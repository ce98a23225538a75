/** Ends the hold of `rollback --hold`: installations change this node again. */
import { readHold, readRecord, setHold } from '@kata/installer';
import type { StatusReason } from '@kata/kata';
import { readStatus, statusChange } from '@kata/node';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { underLock } from './under-lock.ts';

export async function resume(context: AgentContext): Promise<void> {
  const { host, config, report } = context;
  const { prefix } = config.settings;
  const held = await underLock(context, 'resume', async () => {
    const hold = await readHold(host, prefix);
    await setHold(host, prefix, undefined);
    return hold;
  });
  if (held === undefined) {
    report.result('This node is not held.');
    return;
  }
  // First of all, because the API server may not answer.
  report.result(
    `This node is no longer held on ${held.release}. Its installer installs its payload at its next start. To start it now, delete its pod, or run: kata-deploy install --once`,
  );
  const node = openClusterNode(context);
  if (node !== undefined) await reportResumed(context, node);
}

/** Any other status, such as drift, stays. */
async function reportResumed({ host, config }: AgentContext, node: ClusterNode): Promise<void> {
  const { prefix, suffix } = config.settings;
  const now = readStatus(await node.read(), suffix);
  if (isHeldStatus(now)) {
    await node.setStatus('Installed', (await readRecord(host, prefix))?.current ?? undefined);
  } else if (now !== undefined && isHeldStatus(now.before)) {
    const { before: _, ...rest } = now;
    await node.writeStatus(rest, (seen) => ({ labels: {}, annotations: statusChange(seen, suffix, rest) }));
  }
}

function isHeldStatus(status: { readonly reason: string } | undefined): boolean {
  return status?.reason === ('HeldByAdministrator' satisfies StatusReason);
}
