import { exitCodes } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { listenForTermination } from '../termination.ts';
import { openClusterNode, servedBy } from './cluster-node.ts';
import { dryRun, type OutputFormat, outputOption, printPlan } from './print-plan.ts';
import { openSession, print, say, underLock } from './session.ts';

interface RollbackOptions {
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

export function rollbackCommand(): Command {
  const command = new Command('rollback')
    .description('switch to the release that was in force before, or to another in the store')
    .option('--to <release>', 'an id or a version, as "releases list" shows them')
    .option(...dryRun)
    .addOption(outputOption())
    .action(rollBack);
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]: 'there is no such release',
      [exitCodes.verification]:
        'that release is damaged, or the engine did not accept it and all is as before',
    },
    examples: [
      'kata-deploy rollback --dry-run',
      'kata-deploy rollback',
      'kata-deploy rollback --to 3.24.0-1a2b3c4d',
    ],
  });
}

async function rollBack(options: RollbackOptions, command: Command): Promise<void> {
  using termination = listenForTermination();
  const session = await openSession(command, { signal: termination.signal });
  if (options.dryRun === true) {
    await printPlan(await session.installation.planRollback(options.to), options.output);
    return;
  }
  const done = await underLock(
    session,
    'rollback',
    async () => await session.installation.rollback(options.to),
  );
  for (const note of done.plan.notes) say(note);
  if (done.plan.actions.length === 0) say('nothing to do');
  const { release, version, handlers } = done;
  const node = await openClusterNode(session);
  await node?.serve(servedBy(done));
  await node?.event('RolledBack', `Kata ${version} is in force, release ${release}`);
  if (options.output === 'json') print(JSON.stringify({ release, version, handlers }, undefined, 2));
  else print(`Kata ${version} is in force: ${handlers.map((handler) => handler.name).join(', ')}`);
}
