/** What a pod does that is told to end: it removes the installation if nobody wants it any more. */
import type { TerminationDecision } from '@kata/installer';
import type { DeployConfig } from '../config.ts';
import { removeFromNode } from './remove-node.ts';
import { requireNode, say, type Session } from './session.ts';

export async function decideAtEnd(session: Session): Promise<void> {
  const decision = await decide(session.config).catch((error: unknown) => {
    // Whoever cannot ask does not know, and removes nothing.
    say(`nothing is removed, because the API server gave no answer: ${String(error)}`);
    return undefined;
  });
  if (decision === undefined) return;
  if (decision.kind === 'stay') {
    say(`nothing is removed: ${decision.reason}`);
    return;
  }
  await removeFromNode(session, { keepsShared: decision.kind === 'remove-instance' });
}

async function decide(config: DeployConfig): Promise<TerminationDecision> {
  const { decideAtTermination } = await import('@kata/installer');
  const { connectCluster } = await import('@kata/kube');
  const { instanceLabel, labels } = await import('@kata/kata');
  const cluster = connectCluster();
  const daemonSet = await cluster.readDaemonSet(config.namespace, config.daemonSet);
  const node = await cluster.readNode(requireNode(config));
  return decideAtTermination({
    daemonSet:
      daemonSet === undefined
        ? undefined
        : {
            beingDeleted: daemonSet.metadata?.deletionTimestamp !== undefined,
            nodeSelector: daemonSet.spec?.template.spec?.nodeSelector ?? {},
          },
    nodeLabels: node.labels,
    ownMark: instanceLabel(config.settings.suffix),
    markPrefix: labels.instancePrefix,
  });
}
