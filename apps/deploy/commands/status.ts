import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { outputOption } from './print-plan.ts';
import { openSession } from './session.ts';

export function statusCommand(): Command {
  const command = new Command('status')
    .description(
      'show what is installed on this machine, which handlers are served and, in a cluster, what the node reports',
    )
    .addOption(outputOption())
    .action(async (_options: object, self: Command) => {
      const session = await openSession(self);
      const { formatStatus, readInstallationStatus } = await import('@kata/node-agent/machine');
      const status = await readInstallationStatus(session);
      session.report.result(formatStatus(status), status);
    });
  return withHelp(command, { examples: ['kata-deploy status', 'kata-deploy status --output json'] });
}
