import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { listenForTermination } from '../termination.ts';
import { openSession } from './session.ts';

/** What the waiter becomes when its pod is told to end. */
export function decideCommand(): Command {
  const command = new Command('decide')
    .description('when the pod is terminated (SIGTERM): remove the installation if nobody wants it any more')
    .action(async (_options: object, self: Command) => {
      // The waiter ignored it before, but Node starts with the default: told again, it would end in the middle.
      using _ = listenForTermination();
      const { decideAtEnd } = await import('@kata/node-agent');
      await decideAtEnd(await openSession(self, { usesGrace: true, settlesForIdentity: true }));
    });
  return withHelp(command, {
    examples: ['kata-helper wait -- /usr/bin/node /usr/lib/kata-deploy/main.mjs decide'],
  });
}
