import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { listenForTermination } from '../termination.ts';
import { openSession } from './session.ts';

/** The waiter replaces itself with this command when its pod is terminated. */
export function decideCommand(): Command {
  const command = new Command('decide')
    .description(
      'run when the pod is terminated (SIGTERM): remove the installation if it is no longer wanted',
    )
    .action(async (_options: object, self: Command) => {
      // The waiter ignored SIGTERM, but Node resets that: a second SIGTERM would end the process in the middle.
      using _ = listenForTermination();
      const { handleTermination } = await import('@kata/node-agent');
      await handleTermination(await openSession(self, { usesGrace: true, settlesForIdentity: true }));
    });
  return withHelp(command, {
    examples: ['kata-helper wait -- /usr/bin/node /usr/lib/kata-deploy/main.mjs decide'],
  });
}
