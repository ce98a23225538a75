/** What a pod does that is told to end: it removes the installation if nobody wants it any more. */
import { KataError } from '@kata/core';
import { deleteUnknownDecision, recordUnknownDecision } from '@kata/installer';
import { decideAtTermination, type TerminationDecision } from '@kata/node';
import { type AgentContext, requireNode } from './context.ts';
import { openCluster } from './open-cluster.ts';
import { type RemovalOutcome, removeFromNode } from './remove-node.ts';

/** Where there is no cluster nobody can have stopped wanting it. */
export async function decideUnlessAlone(context: AgentContext): Promise<void> {
  if (context.config.nodeName !== undefined) await decideAtEnd(context);
  else context.report.note('nothing is removed: NODE_NAME is not set');
}

export async function decideAtEnd(context: AgentContext): Promise<RemovalOutcome> {
  if ((await decideOrSay(context)).kind === 'stay') return 'unwanted';
  // Asked anew under the lock: whoever had it before may have installed what somebody wants.
  return await removeFromNode(context, async () => {
    const { kind, reason } = await decideOrSay(context);
    if (kind === 'remove') context.report.note(`the installation is removed: ${reason}`);
    return kind === 'remove';
  });
}

async function decideOrSay(context: AgentContext): Promise<TerminationDecision> {
  const decision = await decide(context).catch(async (error: unknown) => {
    if (!(error instanceof KataError)) throw error;
    // Whoever cannot ask does not know, and removes nothing.
    context.report.note('nothing is removed: it is not known whether this is a restart or the end');
    await noteForStatus(context, error);
    throw error;
  });
  await deleteUnknownDecision(context.host, context.config.settings.prefix).catch((error: unknown) => {
    context.report.note(`status goes on saying that it is undecided: ${String(error)}`);
  });
  if (decision.kind === 'stay') context.report.note(`nothing is removed: ${decision.reason}`);
  return decision;
}

/** The node itself says so, for the API server cannot be told. */
async function noteForStatus(
  { host, config, report }: AgentContext,
  { code, message }: KataError,
): Promise<void> {
  await recordUnknownDecision(host, config.settings.prefix, `${code}: ${message}`).catch((error: unknown) => {
    report.note(`status will not show it: ${String(error)}`);
  });
}

async function decide(context: AgentContext): Promise<TerminationDecision> {
  const { config, apiLimits } = context;
  const cluster = openCluster(context, apiLimits);
  const daemonSet = await cluster.readDaemonSet(config.namespace, config.daemonSet);
  return decideAtTermination({ daemonSet, node: await cluster.readNode(requireNode(config)) });
}
