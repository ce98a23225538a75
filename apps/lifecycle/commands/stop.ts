/** `kata-lifecycle stop`: a run starts no further node. */
import { exitCodes } from '@kata/core';
import { withHelp } from '@kata/report/command-help';
import { Command } from 'commander';
import { openSession } from '../session.ts';

export function stopCommand(): Command {
  const command = new Command('stop')
    .description('let a run finish the nodes that it has begun, and start no further node')
    .argument('[run]', 'its id; left out, the run that has not ended')
    .action(async (run: string | undefined, _options: object, self: Command) => {
      const session = await openSession(self);
      const { stopRun } = await import('@kata/orchestrator');
      const result = await stopRun(session, run);
      const { message, next, kind } = result;
      session.result([message, ...(next === null ? [] : [`  next: ${next}`])].join('\n'), result);
      if (kind === 'unfinished') process.exitCode = exitCodes.partial;
    });
  return withHelp(command, {
    exits: { 6: 'no process has the run, and it has begun nodes: resume it to finish them' },
    examples: ['kata-lifecycle stop', 'kata-lifecycle stop 20260101t000000-ab12'],
  });
}
