/** `kata-lifecycle nodes`: all nodes of the cluster. */
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { openSession } from '../session.ts';

export function nodesCommand(): Command {
  const command = new Command('nodes')
    .description(
      'list all nodes with what is installed, offered and approved; also those that a removal left labelled',
    )
    .action(async (_options: object, self: Command) => {
      const session = await openSession(self, { mayBeRemoved: true });
      const { formatFleet, listFleet } = await import('@kata/orchestrator');
      const nodes = await listFleet(session);
      session.result(formatFleet(nodes), { nodes });
    });
  return withHelp(command, {
    examples: [
      'kata-lifecycle nodes',
      "kata-lifecycle nodes --output json | jq '.nodes[] | select(.notes != [])'",
    ],
  });
}
