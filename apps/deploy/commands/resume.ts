import type { StatusReason } from '@kata/kata';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import { openSession, print, type Session, underLock } from './session.ts';

export function resumeCommand(): Command {
  const command = new Command('resume')
    .description('end what "rollback --hold" began: installations change this node again')
    .action(async (_options: object, self: Command) => {
      await resume(await openSession(self));
    });
  return withHelp(command, { examples: ['kata-deploy resume'] });
}

export async function resume(session: Session): Promise<void> {
  const { readHold, setHold } = await import('@kata/installer');
  const { host, config } = session;
  const { prefix } = config.settings;
  const held = await underLock(session, 'resume', async () => {
    const hold = await readHold(host, prefix);
    await setHold(host, prefix, undefined);
    return hold;
  });
  if (held === undefined) {
    print('This node is not held.');
    return;
  }
  // Before the node is told: the API server may be away.
  print(
    `This node is no longer held on ${held.release}. Its installer installs its payload when it starts next: kata-deploy install --once, or delete its pod.`,
  );
  const node = await openClusterNode(session);
  if (node !== undefined) await reportResumed(session, node);
}

/** What else the node says, such as that it drifted, it goes on saying. */
async function reportResumed({ host, config }: Session, node: ClusterNode): Promise<void> {
  const { readRecord } = await import('@kata/installer');
  const { readStatus, statusChange } = await import('@kata/node');
  const { prefix, suffix } = config.settings;
  const now = readStatus(await node.read(), suffix);
  if (isHeldStatus(now)) {
    await node.saysStatus('Installed', (await readRecord(host, prefix))?.current ?? undefined);
  } else if (now !== undefined && isHeldStatus(now.before)) {
    const { before: _, ...rest } = now;
    await node.say(rest, (seen) => ({ labels: {}, annotations: statusChange(seen, suffix, rest) }));
  }
}

function isHeldStatus(status: { readonly reason: string } | undefined): boolean {
  return status?.reason === ('HeldByAdministrator' satisfies StatusReason);
}
