/** `kata-lifecycle status`: what every node has, what runs do on it, and what to do next. */
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { openSession } from '../session.ts';

export function statusCommand(): Command {
  const command = new Command('status')
    .description('show what every node has, how its last run ended, who cordoned it, and the next command')
    .option('--watch', 'show it again after each change, until interrupted (Ctrl-C)')
    .action(async ({ watch }: { readonly watch?: true }, self: Command) => {
      const session = await openSession(self);
      const { formatFleetStatus, readFleetStatus, watchFleetStatus } = await import('@kata/orchestrator');
      if (watch !== true) {
        const status = await readFleetStatus(session);
        session.result(formatFleetStatus(status, session), status);
        return;
      }
      for await (const status of watchFleetStatus(session))
        session.state(formatFleetStatus(status, session), status);
    });
  return withHelp(command, {
    examples: [
      'kata-lifecycle status',
      'kata-lifecycle status --watch',
      'kata-lifecycle status --output json | jq \'.nodes[] | select(.cordonedBy == "run")\'',
    ],
  });
}
