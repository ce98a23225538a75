/** What a terminating pod does: it removes the installation if the DaemonSet no longer selects this node. */
import { KataError } from '@kata/core';
import { deleteUnknownDecision, recordUnknownDecision } from '@kata/installer';
import { decideAtTermination, type TerminationDecision } from '@kata/node';
import { type AgentContext, requireNode } from './context.ts';
import { openCluster } from './open-cluster.ts';
import { type RemovalOutcome, removeFromNode } from './remove-node.ts';

/** Without a cluster there is no DaemonSet whose deletion could ask for a removal. */
export async function handleTerminationInCluster(context: AgentContext): Promise<void> {
  if (context.config.nodeName !== undefined) await handleTermination(context);
  else context.report.note('nothing is removed: NODE_NAME is not set');
}

export async function handleTermination(context: AgentContext): Promise<RemovalOutcome> {
  if ((await decideAndReport(context)).kind === 'stay') return 'unwanted';
  // Decided again under the lock: its previous holder may have been a new installation.
  const isWanted = async (): Promise<boolean> => {
    const { kind, reason } = await decideAndReport(context);
    if (kind === 'remove') context.report.note(`removing the installation: ${reason}`);
    return kind === 'remove';
  };
  return await removeFromNode(context, { isWanted, isPodEnding: true });
}

async function decideAndReport(context: AgentContext): Promise<TerminationDecision> {
  const decision = await decide(context).catch(async (error: unknown) => {
    if (!(error instanceof KataError)) throw error;
    context.report.note(
      'nothing is removed: cannot determine whether this pod is being restarted or uninstalled',
    );
    await recordForStatus(context, error);
    throw error;
  });
  await deleteUnknownDecision(context.host, context.config.settings.prefix).catch((error: unknown) => {
    context.report.note(`"kata-deploy status" keeps reporting an unknown cleanup decision: ${String(error)}`);
  });
  if (decision.kind === 'stay') context.report.note(`nothing is removed: ${decision.reason}`);
  return decision;
}

/** On the machine, because the API server refuses or does not answer. */
async function recordForStatus(
  { host, config, report }: AgentContext,
  { code, message }: KataError,
): Promise<void> {
  await recordUnknownDecision(host, config.settings.prefix, `${code}: ${message}`).catch((error: unknown) => {
    report.note(`"kata-deploy status" will not report this: ${String(error)}`);
  });
}

async function decide(context: AgentContext): Promise<TerminationDecision> {
  const { config, apiLimits } = context;
  const cluster = openCluster(context, apiLimits);
  const daemonSet = await cluster.readDaemonSet(config.namespace, config.daemonSet);
  return decideAtTermination({ daemonSet, node: await cluster.readNode(requireNode(config)) });
}
