/** The commands of kata-deploy and all that is said about them. */
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

/** Of every command. */
export const commonExits: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'a bug',
  2: 'wrong usage or configuration',
  3: 'a prerequisite is missing',
  4: 'conflict with what is there: another installation, a foreign file, an approval',
  5: 'timed out, also while another process holds the lock',
  6: 'partially complete: the rest waits for running Kata pods',
  7: 'verification failed; nothing was changed, or changes were rolled back',
  75: 'try again later',
  143: 'terminated (SIGTERM) before all was done',
};

const forPeople = [
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
    .showHelpAfterError('Run kata-deploy --help to see what there is.')
    .addHelpText('after', describeProgram());
  for (const make of forPeople) program.addCommand(make());
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
  kata-deploy plan              what an installation would change, as diffs
  kata-deploy install --once    install and end
  kata-deploy status            what is installed here
  kata-deploy rollback          back to the release before
  kata-deploy cleanup           remove it

Environment, beside the variables that stand at the options (<ARCH>: X86_64, AARCH64, S390X or PPC64LE):
${describeEnvironment()}

An option wins over its variable, that over the configuration file. All of it: docs/reference/configuration.md

Exit codes:
${exits.join('\n')}`;
}
