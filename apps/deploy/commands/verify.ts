import { exitCodes } from '@kata/core';
import type { Verification } from '@kata/installer';
import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { type OutputFormat, outputOption } from './print-plan.ts';
import { openSession, print, type Session } from './session.ts';

export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('compare every file, link and handler with the installed release; changes nothing')
    .addOption(outputOption())
    .action(async (options: { readonly output: OutputFormat }, self: Command) => {
      const verification = await verify(await openSession(self));
      print(await format(verification, options.output));
      process.exitCode = exitCodeOf(verification);
    });
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]: 'nothing is installed',
      [exitCodes.verification]: 'a file, link or handler differs',
    },
    examples: [
      'kata-deploy verify',
      `kata-deploy verify --output json | jq '.findings[] | select(.state == "problem")'`,
    ],
  });
}

async function verify({ host, config, engine, emit }: Session): Promise<Verification> {
  const { verifyInstallation } = await import('@kata/installer');
  const { settings } = config;
  return await verifyInstallation({ host, settings, engine, emit });
}

async function format(verification: Verification, output: OutputFormat): Promise<string> {
  if (output === 'json') return JSON.stringify(verification, undefined, 2);
  const { formatVerification } = await import('./format-verification.ts');
  return formatVerification(verification);
}

function exitCodeOf({ release, findings }: Verification): number {
  if (release === null) return exitCodes.precondition;
  return findings.some(({ state }) => state === 'problem') ? exitCodes.verification : exitCodes.ok;
}
