/** kata-deploy: installs, upgrades, checks and removes Kata Containers on one machine. */
import { describeError, exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { cleanupCommand } from './commands/cleanup.ts';
import { decideCommand } from './commands/decide.ts';
import { doctorCommand } from './commands/doctor.ts';
import { installCommand } from './commands/install.ts';
import { planCommand } from './commands/plan.ts';
import { statusCommand } from './commands/status.ts';
import { verifyCommand } from './commands/verify.ts';
import { addGlobalOptions, describeEnvironment } from './global-options.ts';

const program = addGlobalOptions(new Command('kata-deploy'))
  .description('Installs, upgrades, checks and removes Kata Containers on one machine.')
  .showHelpAfterError('Run kata-deploy --help to see what there is.')
  .addHelpText(
    'after',
    `
Examples:
  kata-deploy plan              what an installation would change, as diffs
  kata-deploy install --once    install and end
  kata-deploy status            what is installed here
  kata-deploy cleanup           remove it

Environment, beside the variables that stand at the options (<ARCH>: X86_64, AARCH64, S390X or PPC64LE):
${describeEnvironment()}

An option wins over its variable, that over the configuration file. All of it: docs/reference/configuration.md

Exit codes: 0 done, 1 a bug, 2 wrong usage or configuration, 3 the machine lacks something, 4 somebody else holds
the lock, 5 took too long, 7 it was undone because it could not be verified, 75 try again later.`,
  );

const commands = [doctorCommand, installCommand, planCommand, statusCommand, verifyCommand, cleanupCommand];
for (const make of commands) program.addCommand(make());
program.addCommand(decideCommand(), { hidden: true });

for (const command of [program, ...program.commands]) {
  command.configureHelp({ showGlobalOptions: true });
  command.exitOverride((error) => {
    process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
  });
}

// A run that is killed between mkdir(2) and chmod(2) must not leave a directory that others cannot enter.
process.umask(0o022);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`kata-deploy: ${describeError(error)}\n`);
  process.exitCode = error instanceof KataError ? error.exitCode : exitCodes.bug;
}
