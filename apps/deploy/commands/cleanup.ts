import { exitCodes } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { listenForTermination } from '../termination.ts';
import { dryRun, type OutputFormat, outputOption, planOutput, printPlan } from './print-plan.ts';
import { openSession } from './session.ts';

interface CleanupOptions {
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

export function cleanupCommand(): Command {
  const command = new Command('cleanup')
    .description('remove the installation; while Kata pods are running, report that the removal is pending')
    .option(...dryRun)
    .addOption(outputOption(planOutput))
    .action(async (options: CleanupOptions, self: Command) => {
      using termination = listenForTermination();
      const session = await openSession(self, { signal: termination.signal, settlesForIdentity: true });
      if (session.config.isPostDeleteHook) {
        session.report.note(
          'nothing is removed: HELM_POST_DELETE_HOOK is set, so Helm has removed everything',
        );
        return;
      }
      if (options.dryRun === true) {
        await printPlan((await session.installation.planRemoval()).plan, options.output);
        return;
      }
      const { removeFromNode } = await import('@kata/node-agent');
      if ((await removeFromNode(session)) === 'pending') process.exitCode = exitCodes.partial;
    });
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]: 'the node reports a release, but the path in the settings has none',
      [exitCodes.partial]: 'pending: Kata pods are still running, or the container runtime does not answer',
    },
    examples: ['kata-deploy cleanup --dry-run', 'kata-deploy cleanup'],
  });
}
