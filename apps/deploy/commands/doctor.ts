import { exitCodes } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { outputOption } from './print-plan.ts';
import { openSession } from './session.ts';

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('check this machine for missing prerequisites of Kata; changes nothing')
    .addOption(outputOption())
    .action(async (_options: object, self: Command) => {
      const session = await openSession(self);
      const { kubeletVersionQuery } = await import('@kata/doctor');
      const { deployClient } = await import('@kata/node-agent/machine');
      const { examine } = await import('./examine.ts');
      await examine(session, kubeletVersionQuery(session.config.nodeName, deployClient));
    });
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]:
        'a check found a problem; warnings and checks that a container cannot make do not count',
    },
    examples: [
      'kata-deploy doctor',
      `kata-deploy doctor --output json | jq '.checks[] | select(.state == "problem")'`,
    ],
  });
}
