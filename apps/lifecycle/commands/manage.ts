/** `kata-lifecycle manage`: approves on every node what it has, so that only runs change nodes. */
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { openSession } from '../session.ts';

export function manageCommand(): Command {
  const command = new Command('manage')
    .description(
      'approve on every node the release that it has; from then on only runs change nodes, whatever Helm installs',
    )
    .action(async (_options: object, self: Command) => {
      const session = await openSession(self);
      const { describeManaged, manageFleet } = await import('@kata/orchestrator');
      const result = await manageFleet(session);
      session.result(describeManaged(result), result);
    });
  return withHelp(command, {
    exits: { 4: 'a run is in progress' },
    examples: ['kata-lifecycle manage'],
  });
}
