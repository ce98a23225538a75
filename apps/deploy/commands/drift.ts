import { exitCodes } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { endInTime, listenForTermination } from '../termination.ts';
import { openSession } from './session.ts';

/** A repair does not wait long for a report. */
const apiTimeoutMs = 10_000;

interface DriftOptions {
  readonly repair?: boolean;
}

export function driftCommand(): Command {
  const command = new Command('drift')
    .description('find what others changed since the installation, report it on the node, and repair it')
    .option('--repair', 'repair it also where DRIFT is report')
    .action(async ({ repair }: DriftOptions, self: Command) => {
      using termination = listenForTermination();
      const { runDrift } = await import('@kata/node-agent');
      const session = await openSession(self, {
        signal: termination.signal,
        apiTimeoutMs,
        settlesForIdentity: true,
      });
      process.exitCode = await endInTime(runDrift(session, repair), termination);
    });
  return withHelp(command, {
    exits: {
      [exitCodes.conflict]: 'a run was interrupted that the command has to finish which began it',
      [exitCodes.timeout]: 'another run works on the node',
      [exitCodes.temporary]: 'its pod is terminating, and the removal has to wait',
      [exitCodes.drifted]:
        'something was found, and repaired unless DRIFT is report and `--repair` is not given',
    },
    examples: ['kata-deploy drift', 'kata-deploy drift --repair'],
  });
}
