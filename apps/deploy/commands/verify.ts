import { exitCodes } from '@kata/core';
import type { Verification, VerificationEvent } from '@kata/installer';
import { Command, Option } from 'commander';
import { openSession, print, type Session } from './session.ts';

export function verifyCommand(): Command {
  return new Command('verify')
    .description('compare every file, link and handler with what was installed; changes nothing')
    .addOption(new Option('--output <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Exit code 7 when something is wrong, 3 when nothing is installed.

Examples:
  kata-deploy verify
  kata-deploy verify --output json | jq '.findings[] | select(.state == "problem")'`,
    )
    .action(async (options: { readonly output: 'text' | 'json' }, command: Command) => {
      const verification = await verify(await openSession(command));
      print(await format(verification, options.output));
      process.exitCode = exitCodeOf(verification);
    });
}

async function verify({ host, config, engine }: Session): Promise<Verification> {
  const { verifyInstallation } = await import('@kata/installer');
  // Only here, for it takes a while to load.
  const { withProgress } = await import('@kata/report');
  return await withProgress(
    async (progress) =>
      await progress.task('verify', async (say) => {
        const emit = ({ done, of }: VerificationEvent): void => {
          say(`${done} of ${of} files`);
        };
        const { settings } = config;
        return await verifyInstallation({ host, settings, engine, emit });
      }),
  );
}

async function format(verification: Verification, output: 'text' | 'json'): Promise<string> {
  if (output === 'json') return JSON.stringify(verification, undefined, 2);
  const { formatVerification } = await import('./format-verification.ts');
  return formatVerification(verification);
}

function exitCodeOf({ release, findings }: Verification): number {
  if (release === null) return exitCodes.precondition;
  return findings.some(({ state }) => state === 'problem') ? exitCodes.verification : exitCodes.ok;
}
