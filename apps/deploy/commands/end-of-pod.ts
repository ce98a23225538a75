/** What a pod does that is told to end: it removes the installation if nobody wants it any more. */
import { KataError } from '@kata/core';
import type { TerminationDecision } from '@kata/node';
import { type RemovalOutcome, removeFromNode } from './remove-node.ts';
import { requireNode, say, type Session } from './session.ts';

export async function decideAtEnd(session: Session): Promise<RemovalOutcome> {
  if ((await decideOrSay(session)).kind === 'stay') return 'unwanted';
  // Asked anew under the lock: whoever had it before may have installed what somebody wants.
  return await removeFromNode(session, async () => {
    const { kind, reason } = await decideOrSay(session);
    if (kind === 'remove') say(`the installation is removed: ${reason}`);
    return kind === 'remove';
  });
}

async function decideOrSay(session: Session): Promise<TerminationDecision> {
  const decision = await decide(session).catch(async (error: unknown) => {
    if (!(error instanceof KataError)) throw error;
    // Whoever cannot ask does not know, and removes nothing.
    say('nothing is removed: it is not known whether this is a restart or the end');
    await noteForStatus(session, error);
    throw error;
  });
  const { forgetUndecided } = await import('@kata/installer');
  await forgetUndecided(session.host, session.config.settings.prefix).catch((error: unknown) => {
    say(`status goes on saying that it is undecided: ${String(error)}`);
  });
  if (decision.kind === 'stay') say(`nothing is removed: ${decision.reason}`);
  return decision;
}

/** The node itself says so, for the API server cannot be told. */
async function noteForStatus({ host, config }: Session, { code, message }: KataError): Promise<void> {
  const { noteUndecided } = await import('@kata/installer');
  await noteUndecided(host, config.settings.prefix, `${code}: ${message}`).catch((error: unknown) => {
    say(`status will not show it: ${String(error)}`);
  });
}

async function decide({ config, apiLimits }: Session): Promise<TerminationDecision> {
  const { decideAtTermination } = await import('@kata/node');
  const { connectCluster } = await import('@kata/kube');
  const cluster = connectCluster({ limits: apiLimits });
  const daemonSet = await cluster.readDaemonSet(config.namespace, config.daemonSet);
  return decideAtTermination({ daemonSet, node: await cluster.readNode(requireNode(config)) });
}
