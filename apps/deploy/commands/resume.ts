import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { openSession } from './session.ts';

export function resumeCommand(): Command {
  const command = new Command('resume')
    .description('end a hold of "rollback --hold": installations may change this node again')
    .action(async (_options: object, self: Command) => {
      const { resume } = await import('@kata/node-agent');
      await resume(await openSession(self));
    });
  return withHelp(command, { examples: ['kata-deploy resume'] });
}
