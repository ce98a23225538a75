import { KataError } from '@kata/core';
import type { TerminationDecision } from '@kata/installer';
import { Command } from 'commander';
import type { DeployConfig } from '../config.ts';
import { removeFromNode } from './remove-node.ts';
import { openSession, requireNode, say } from './session.ts';

/** What the waiter becomes when its pod is told to end. */
export function decideCommand(): Command {
  return new Command('decide')
    .description('when the pod is told to end: remove the installation if nobody wants it any more')
    .action(async (_options: object, command: Command) => {
      const session = await openSession(command);
      const decision = await decide(session.config).catch((error: unknown) => {
        if (!(error instanceof KataError)) throw error;
        // Whoever cannot ask does not know, and removes nothing.
        say('nothing is removed: it is not known whether this is a restart or the end');
        throw error;
      });
      if (decision.kind === 'stay') {
        say(`nothing is removed: ${decision.reason}`);
        return;
      }
      say(`the installation is removed: ${decision.reason}`);
      await removeFromNode(session);
    });
}

async function decide(config: DeployConfig): Promise<TerminationDecision> {
  const { decideAtTermination } = await import('@kata/installer');
  const { connectCluster } = await import('@kata/kube');
  const cluster = connectCluster();
  const daemonSet = await cluster.readDaemonSet(config.namespace, config.daemonSet);
  return decideAtTermination({ daemonSet, node: await cluster.readNode(requireNode(config)) });
}
