import { exitCodes } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { endInTime, listenForTermination } from '../termination.ts';
import { openSession, underLock } from './session.ts';

/** Another run that works on the node is no drift; the waiter comes again. */
const lockLimits = { timeoutMs: 5000, sharedTimeoutMs: 5000, needsShared: true } as const;
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
      const { lookForDrift } = await import('./look-for-drift.ts');
      const session = await openSession(self, { signal: termination.signal, apiTimeoutMs });
      const work = underLock(session, 'drift', async () => await lookForDrift(session, repair), lockLimits);
      if (await endInTime(work, termination)) process.exitCode = exitCodes.drifted;
    });
  return withHelp(command, {
    exits: {
      [exitCodes.conflict]: 'a run was interrupted that the command has to finish which began it',
      [exitCodes.timeout]: 'another run works on the node',
      [exitCodes.drifted]:
        'something was found, and repaired unless DRIFT is report and `--repair` is not given',
    },
    examples: ['kata-deploy drift', 'kata-deploy drift --repair'],
  });
}
