import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { openClusterNode } from './cluster-node.ts';
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
  const { readHold, readRecord, setHold } = await import('@kata/installer');
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
  const current = (await readRecord(host, prefix))?.current ?? undefined;
  const node = await openClusterNode(session);
  await node?.saysStatus('Installed', current);
  print(
    `This node is no longer held on ${held.release}. Its installer installs its payload when it starts next: kata-deploy install --once, or delete its pod.`,
  );
}
