import { exitCodes } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { endInTime, listenForTermination } from '../termination.ts';
import { openSession } from './session.ts';

/** Reporting must not delay a repair for long. */
const apiTimeoutMs = 10_000;

interface DriftOptions {
  readonly repair?: boolean;
}

export function driftCommand(): Command {
  const command = new Command('drift')
    .description(
      'find changes by other programs since the installation, report them on the node, and repair them',
    )
    .option('--repair', 'repair even if DRIFT is report')
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
      [exitCodes.conflict]: 'another command was interrupted; run that command again to complete it',
      [exitCodes.timeout]: 'another process is changing the node',
      [exitCodes.temporary]: 'the pod is terminating, and the removal cannot be done yet',
      [exitCodes.drifted]:
        'drift was found; it was repaired, unless DRIFT is report and `--repair` is not given',
    },
    examples: ['kata-deploy drift', 'kata-deploy drift --repair'],
  });
}
