import { exitCodes } from '@kata/core';
import { Command } from 'commander';
import { removeFromNode } from './remove-node.ts';
import { openSession } from './session.ts';

export function cleanupCommand(): Command {
  return new Command('cleanup')
    .description('remove the installation; while Kata sandboxes live, only say that it is pending')
    .addHelpText('after', '\nExample:\n  kata-deploy cleanup')
    .action(async () => {
      const waitingFor = await removeFromNode(openSession(), { keepsShared: false });
      if (waitingFor.length > 0) process.exitCode = exitCodes.partial;
    });
}
