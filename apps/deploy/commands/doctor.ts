import { exitCodes } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { outputOption } from './print-plan.ts';
import { openSession } from './session.ts';

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('look for what Kata would miss on this machine; changes nothing')
    .addOption(outputOption())
    .action(async (_options: object, self: Command) => {
      const session = await openSession(self);
      const { askKubeletVersion } = await import('@kata/doctor');
      const { deployClient } = await import('@kata/node-agent/machine');
      const { examine } = await import('./examine.ts');
      await examine(session, askKubeletVersion(session.config.nodeName, deployClient));
    });
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]:
        'there is a problem; warnings, and what cannot be seen from a container, are none',
    },
    examples: [
      'kata-deploy doctor',
      `kata-deploy doctor --output json | jq '.checks[] | select(.state == "problem")'`,
    ],
  });
}
