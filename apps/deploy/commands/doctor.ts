import { exitCodes } from '@kata/core';
import type { CheckResult } from '@kata/installer';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { type OutputFormat, outputOption } from './print-plan.ts';
import { engineSocket, openSession, print, type Session } from './session.ts';

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('look for what Kata would miss on this machine; changes nothing')
    .addOption(outputOption())
    .action(async (options: { readonly output: OutputFormat }, self: Command) => {
      await examine(await openSession(self), options.output);
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

/** Prints what is found, and sets the exit code. */
export async function examine(session: Session, output: OutputFormat): Promise<void> {
  const { LinuxFiles } = await import('@kata/host');
  const { examineNode, formatResults } = await import('@kata/installer');
  const { host, config, engine } = session;
  const checks = await examineNode({
    host,
    own: new LinuxFiles({ root: '/' }),
    settings: config.settings,
    engine: { ...engine, socket: engineSocket },
    payload: async () => await session.payload(),
  });
  print(output === 'json' ? JSON.stringify({ checks }, undefined, 2) : formatResults(checks));
  if (checks.some(isProblem)) process.exitCode = exitCodes.precondition;
}

function isProblem({ state }: CheckResult): boolean {
  return state === 'problem';
}
