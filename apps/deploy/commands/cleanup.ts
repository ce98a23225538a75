import { exitCodes } from '@kata/core';
import { Command } from 'commander';
import { removeFromNode } from './remove-node.ts';
import { openSession, say } from './session.ts';

export function cleanupCommand(): Command {
  return new Command('cleanup')
    .description('remove the installation; while Kata sandboxes live, only say that it is pending')
    .addHelpText('after', '\nExample:\n  kata-deploy cleanup')
    .action(async (_options: object, command: Command) => {
      const session = await openSession(command);
      if (session.config.isPostDeleteHook) {
        say('nothing is removed: HELM_POST_DELETE_HOOK says that Helm has done it');
        return;
      }
      const waitingFor = await removeFromNode(session);
      if (waitingFor.length > 0) process.exitCode = exitCodes.partial;
    });
}
