/** `kata-lifecycle rollback`: nodes return to their earlier release. */
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { addHelmOption, readHelmOption } from '../chart-options.ts';
import { addRunOptions, podParameters, readRunOptions } from '../run-options.ts';
import { openSession } from '../session.ts';

export function rollbackCommand(): Command {
  const command = new Command('rollback')
    .description(
      'return nodes to the release before their last run, and verify them there; when no node is left on the newer one, the Helm release returns, too',
    )
    .argument('<nodes...>', 'names of the nodes')
    .option('--take-over', 'take the place of a run that is in progress')
    .action(async (nodes: readonly string[], { takeOver }: { readonly takeOver?: true }, self: Command) => {
      const { exitOf, formatRollback, parseNodeParameters, rollBackNodes } =
        await import('@kata/orchestrator');
      const parameters = parseNodeParameters(await readRunOptions(self));
      const session = await openSession(self);
      const result = await rollBackNodes(session, {
        ...{ nodes, ...parameters, helm: readHelmOption(self) },
        isForced: takeOver === true,
      });
      session.result(formatRollback(result), result);
      process.exitCode = exitOf(result.outcome);
    });
  addHelmOption(addRunOptions(command, [...podParameters, 'batch-size']));
  return withHelp(command, {
    exits: {
      3: 'a node cannot be rolled back; no node was changed',
      7: 'a node could not be rolled back, or your pod fails on the earlier release, too',
    },
    examples: ['kata-lifecycle rollback n2', 'kata-lifecycle rollback n1 n2 --verification-pod pod.yaml'],
  });
}
