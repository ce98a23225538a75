import { exitCodes } from '@kata/core';
import type { CheckResult } from '@kata/installer';
import { Command, Option } from 'commander';
import { engineSocket, openSession, print } from './session.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look for what Kata would miss on this machine; changes nothing')
    .addOption(new Option('--output <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Exit code 3 when there is a problem; warnings, and what cannot be seen from a container, are none.

Examples:
  kata-deploy doctor
  kata-deploy doctor --output json | jq '.checks[] | select(.state == "problem")'`,
    )
    .action(async (options: { readonly output: 'text' | 'json' }, command: Command) => {
      const session = await openSession(command);
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
      print(options.output === 'json' ? JSON.stringify({ checks }, undefined, 2) : formatResults(checks));
      if (checks.some(isProblem)) process.exitCode = exitCodes.precondition;
    });
}

function isProblem({ state }: CheckResult): boolean {
  return state === 'problem';
}
