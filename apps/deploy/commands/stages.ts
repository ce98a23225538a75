/** Installation and removal in stages, run by the containers of a Job; the dispatcher labels the nodes. */
import { exitCodes } from '@kata/core';
import type { InstallStage, RemovalStage } from '@kata/installer';
import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { listenForTermination } from '../termination.ts';
import { dryRun, type OutputFormat, outputOption, printPlan } from './print-plan.ts';
import { openSession, print, type Session } from './session.ts';

interface StageOptions {
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

export function stageCommands(): readonly Command[] {
  return [
    hostCheckCommand(),
    installCommand(
      'install-stage-artifacts',
      'artifacts',
      'install release, files and links; does not change the container runtime',
    ),
    installCommand('install-stage-cri', 'cri', 'configure the container runtime, and restart it if needed'),
    cleanupCommand(
      'cleanup-stage-revert-cri',
      'revert-cri',
      'revert the configuration of the container runtime',
    ),
    cleanupCommand('cleanup-stage-remove-artifacts', 'remove-artifacts', 'remove links, files and releases'),
  ];
}

function hostCheckCommand(): Command {
  const name = 'install-stage-host-check';
  const command = new Command(name)
    .description('first stage: check the settings and run the checks of doctor; changes nothing')
    .addOption(outputOption())
    .action(async (_options: object, self: Command) => {
      const { examine } = await import('./examine.ts');
      await examine(await openStage(self));
    });
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]:
        'a check found a problem, or this is not the machine that the Job was created for',
    },
    examples: [`kata-deploy ${name}`],
  });
}

function installCommand(name: string, stage: InstallStage, description: string): Command {
  const command = stageCommand(name, description, async (session, options) => {
    const payload = await session.payload();
    if (options.dryRun === true) {
      await printPlan(await session.installation.planInstallStage(payload, stage), options.output);
      return;
    }
    const { runInstallStage } = await import('@kata/node-agent/machine');
    const plan = await runInstallStage(session, name, stage, payload);
    if (options.output === 'json') await printPlan(plan, 'json');
    else print(`${plan.actions.length} actions done.`);
  });
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]:
        'run the previous stage first, the node is held, or this is not the machine that the Job was created for',
      [exitCodes.verification]: 'this stage failed; its changes were rolled back',
    },
    examples: [`kata-deploy ${name} --dry-run`, `kata-deploy ${name}`],
  });
}

function cleanupCommand(name: string, stage: RemovalStage, description: string): Command {
  const command = stageCommand(name, description, async (session, options) => {
    if (options.dryRun === true) {
      await printPlan((await session.installation.planRemoval(stage)).plan, options.output);
      return;
    }
    const { runRemovalStage } = await import('@kata/node-agent/machine');
    const plan = await runRemovalStage(session, name, stage);
    for (const note of plan.notes) session.report.note(note);
    if (options.output === 'json') await printPlan(plan, 'json');
    else print(`${plan.actions.length} actions done.`);
    if (plan.waitingFor.length > 0 || plan.blocked !== undefined) process.exitCode = exitCodes.partial;
  });
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]:
        'run the previous stage first, or this is not the machine that the Job was created for',
      [exitCodes.partial]: 'pending: Kata pods are still running, or the container runtime does not answer',
    },
    examples: [`kata-deploy ${name} --dry-run`, `kata-deploy ${name}`],
  });
}

function stageCommand(
  name: string,
  description: string,
  work: (session: Session, options: StageOptions) => Promise<void>,
): Command {
  return new Command(name)
    .description(description)
    .option(...dryRun)
    .addOption(outputOption())
    .action(async (options: StageOptions, self: Command) => {
      using termination = listenForTermination();
      await work(await openStage(self, termination.signal), options);
    });
}

/** A Job that was created for one machine must not run on another machine with the same name. */
async function openStage(command: Command, signal?: AbortSignal): Promise<Session> {
  const session = await openSession(command, signal === undefined ? {} : { signal });
  const { LinuxFiles } = await import('@kata/host');
  const { checkMachine } = await import('@kata/installer');
  await checkMachine(session.host.files, new LinuxFiles({ root: '/' }), session.config.settings);
  return session;
}
