import { exitCodes } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { listenForTermination } from '../termination.ts';
import { dryRun, type OutputFormat, outputOption, printPlan } from './print-plan.ts';
import { openSession } from './session.ts';

interface RollbackOptions {
  readonly to?: string;
  readonly hold?: boolean;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

export function rollbackCommand(): Command {
  const command = new Command('rollback')
    .description('switch to the previous release, or to another release in the store')
    .option('--to <release>', 'release id or version from "releases list"')
    .option('--hold', 'keep this release until "resume", whatever release is offered')
    .option(...dryRun)
    .addOption(outputOption())
    .action(run);
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]: 'the store has no such release',
      [exitCodes.conflict]: '--hold: the node is under lifecycle management',
      [exitCodes.verification]:
        'the release is damaged, or the container runtime did not accept it; changes were rolled back',
    },
    examples: [
      'kata-deploy rollback --dry-run',
      'kata-deploy rollback',
      'kata-deploy rollback --to 3.24.0-1a2b3c4d --hold',
    ],
  });
}

async function run({ to, hold, dryRun: isDry, output }: RollbackOptions, command: Command): Promise<void> {
  using termination = listenForTermination();
  const session = await openSession(command, { signal: termination.signal });
  if (isDry === true) {
    await printPlan(await session.installation.planRollback(to), output);
    return;
  }
  const { rollBack } = await import('@kata/node-agent');
  await rollBack(session, { to, holds: hold });
}
