/** `kata-lifecycle upgrade`: one run over the selected nodes, or the rest of an interrupted one. */
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { addChartOptions, readChartOptions } from '../chart-options.ts';
import { addRunOptions, readRunOptions } from '../run-options.ts';
import { openSession } from '../session.ts';

export function upgradeCommand(): Command {
  const command = new Command('upgrade')
    .description('upgrade the selected nodes; repeated after an interruption, it goes on where it stopped')
    .option('--take-over', 'take the place of a run that is in progress')
    .action(async ({ takeOver }: { readonly takeOver?: true }, self: Command) => {
      const { describeUpgrade, exitOf, parseParameters, upgradeFleet } = await import('@kata/orchestrator');
      const parameters = parseParameters(await readRunOptions(self));
      const session = await openSession(self);
      const { outcome, plan } = await upgradeFleet(session, {
        ...parameters,
        ...readChartOptions(self),
        isForced: takeOver === true,
      });
      session.result(describeUpgrade(session, plan, outcome), { run: plan.id, outcome });
      process.exitCode = exitOf(outcome);
    });
  return withHelp(addChartOptions(addRunOptions(command)), {
    exits: {
      6: 'stopped: nodes are left to upgrade',
      7: 'a node failed: see kata-lifecycle status',
    },
    examples: [
      'kata-lifecycle upgrade --to 3.25.0 --verification-pod pod.yaml',
      'kata-lifecycle upgrade --to 3.25.0 --verification-pod pod.yaml --node-selector pool=kata --drain',
      'kata-lifecycle upgrade --to 3.25.0 --verification-pod pod.yaml --set debug=true --batch-size 2',
    ],
  });
}
