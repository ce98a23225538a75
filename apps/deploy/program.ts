/** The commands of kata-deploy and their help. */
import type { ExitCode } from '@kata/core';
import { Command } from 'commander';
import { cleanupCommand } from './commands/cleanup.ts';
import { decideCommand } from './commands/decide.ts';
import { driftCommand } from './commands/drift.ts';
import { doctorCommand } from './commands/doctor.ts';
import { installCommand } from './commands/install.ts';
import { planCommand } from './commands/plan.ts';
import { recoverCommand } from './commands/recover.ts';
import { releasesCommand } from './commands/releases.ts';
import { resetCommand } from './commands/reset.ts';
import { resumeCommand } from './commands/resume.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { stageCommands } from './commands/stages.ts';
import { statusCommand } from './commands/status.ts';
import { verifyCommand } from './commands/verify.ts';
import { versionCommand } from './commands/version.ts';
import { addGlobalOptions, describeEnvironment } from './global-options.ts';

/** Exit codes of every command. */
export const commonExits: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'a bug',
  2: 'wrong usage or configuration',
  3: 'a prerequisite is missing',
  4: 'conflict with another installation, a foreign file or an approval',
  5: 'timed out, also while waiting for the lock of another process',
  6: 'partially complete: the rest is pending until all Kata pods have ended',
  7: 'verification failed; nothing was changed, or the changes were rolled back',
  10: 'only of drift: another program changed the installation',
  75: 'try again later',
  143: 'terminated (SIGTERM) before the work was complete',
};

const userCommands = [
  doctorCommand,
  planCommand,
  installCommand,
  statusCommand,
  verifyCommand,
  rollbackCommand,
  resumeCommand,
  releasesCommand,
  cleanupCommand,
  recoverCommand,
  resetCommand,
  versionCommand,
];

export function makeProgram(): Command {
  const program = addGlobalOptions(new Command('kata-deploy'))
    .description('Installs, upgrades, checks and removes Kata Containers on one machine.')
    .showHelpAfterError('Run kata-deploy --help for all commands.')
    .addHelpText('after', describeProgram());
  for (const make of userCommands) program.addCommand(make());
  program.commandsGroup('For pods:').addCommand(decideCommand()).addCommand(driftCommand());
  program.commandsGroup('Stages, for Jobs:');
  for (const stage of stageCommands()) program.addCommand(stage);
  for (const command of withSubcommands(program)) command.configureHelp({ showGlobalOptions: true });
  return program;
}

export function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function describeProgram(): string {
  const exits = Object.entries(commonExits).map(([code, meaning]) => `  ${code.padEnd(3)}  ${meaning}`);
  return `
Examples:
  kata-deploy plan              show what an installation would change, as diffs
  kata-deploy install --once    install and exit
  kata-deploy status            show what is installed on this machine
  kata-deploy rollback          switch to the previous release
  kata-deploy cleanup           remove the installation

Environment, in addition to the variables named at the options (<ARCH>: X86_64, AARCH64, S390X or PPC64LE):
${describeEnvironment()}

An option overrides its variable; a variable overrides the configuration file. All settings: docs/reference/configuration.md

Exit codes:
${exits.join('\n')}`;
}
