import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { type OutputFormat, outputOption, printPlan } from './print-plan.ts';
import { openSession } from './session.ts';

interface PlanOptions {
  readonly output: OutputFormat;
  readonly remove?: boolean;
}

export function planCommand(): Command {
  const command = new Command('plan')
    .description('show what an installation would change: diffs and required restarts')
    .addOption(outputOption())
    .option('--remove', 'show what a removal would change')
    .action(async (options: PlanOptions, self: Command) => {
      const session = await openSession(self);
      const plan =
        options.remove === true
          ? (await session.installation.planRemoval()).plan
          : await session.installation.planInstall(await session.payload());
      await printPlan(plan, options.output);
    });
  return withHelp(command, {
    examples: ['kata-deploy plan', 'kata-deploy plan --remove --output json'],
  });
}
