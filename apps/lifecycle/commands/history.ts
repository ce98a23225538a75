/** `kata-lifecycle history`: the runs of the installation. */
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { openSession } from '../session.ts';

export function historyCommand(): Command {
  const command = new Command('history')
    .description('list the runs, the oldest first: when, why, on which nodes, and how they ended')
    .action(async (_options: object, self: Command) => {
      const session = await openSession(self);
      const { formatHistory, readRunHistory } = await import('@kata/orchestrator');
      const history = await readRunHistory(session);
      session.result(formatHistory(history, session), history);
    });
  return withHelp(command, {
    examples: ['kata-lifecycle history', "kata-lifecycle history --output json | jq '.runs[-1].nodes'"],
  });
}
