/** `kata-lifecycle unmanage`: each node installs what its installer has, as without kata-lifecycle. */
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { openSession } from '../session.ts';

export function unmanageCommand(): Command {
  const command = new Command('unmanage')
    .description(
      'end the management: approvals are removed, and each node installs what Helm installs; refused while a node is held',
    )
    .action(async (_options: object, self: Command) => {
      const session = await openSession(self);
      const { describeUnmanaged, unmanageFleet } = await import('@kata/orchestrator');
      const result = await unmanageFleet(session);
      session.result(describeUnmanaged(result), result);
    });
  return withHelp(command, {
    exits: { 4: 'a run has not ended, or a node would install another release: the message names them' },
    examples: ['kata-lifecycle unmanage'],
  });
}
