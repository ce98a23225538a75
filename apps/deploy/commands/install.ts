import { describeError, exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { listenForTermination, type Termination } from '../termination.ts';
import { decideAtEnd } from './end-of-pod.ts';
import { labelServing } from './label-serving.ts';
import { dryRun, type OutputFormat, outputOption, planOutput, printPlan } from './print-plan.ts';
import { openSession, print, say, type Session, underLock } from './session.ts';

interface InstallOptions {
  readonly once?: boolean;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

export function installCommand(): Command {
  const command = new Command('install')
    .description('install, or upgrade, what the payload holds; then stay and answer probes')
    .option('--once', 'end when it is done')
    .option(...dryRun)
    .addOption(outputOption(planOutput))
    .action(run);
  return withHelp(command, {
    exits: { [exitCodes.terminated]: 'with --once: told to end; removed what nobody wants any more' },
    examples: [
      'kata-deploy install --once --dry-run',
      'kata-deploy install --once',
      'HEALTH_PORT=8090 kata-deploy install',
    ],
  });
}

async function run(options: InstallOptions, command: Command): Promise<void> {
  if (options.dryRun === true) {
    const session = await openSession(command);
    await printPlan(await session.installation.planInstall(await session.payload()), options.output);
    return;
  }
  using termination = listenForTermination();
  const session = await openSession(command, { signal: termination.signal });
  const work = async (): Promise<void> => await installUnlessTold(session, termination);
  // Another session: what is told to end begins nothing more.
  const atEnd = async (): Promise<void> => await decideAtEnd(await openSession(command));
  if (options.once !== true) {
    const { stay } = await import('../stay.ts');
    const onReady = (at: number): void => say(`ready; answers probes on port ${at}`);
    await stay({ port: session.config.settings.healthPort, termination, work, onReady, atEnd });
    return;
  }
  await work();
  if (!termination.signal.aborted) return;
  await atEnd();
  process.exitCode = exitCodes.terminated;
}

/** Told to end, it ends after the step that goes on: the decision is what counts then, whatever failed. */
async function installUnlessTold(session: Session, { signal }: Termination): Promise<void> {
  try {
    await install(session);
  } catch (error) {
    if (!signal.aborted) throw error;
    const isExpected = error instanceof KataError && error.code === 'KATA_INSTALLER_STOPPED';
    say(isExpected ? error.message : describeError(error));
  }
}

async function install(session: Session): Promise<void> {
  const payload = await session.payload();
  const done = await underLock(
    session.host,
    'install',
    async () => await session.installation.install(payload),
  );
  if (done.plan.actions.length === 0) say('nothing to do');
  await labelServing(session, done, 'Installed');
  print(`Kata ${done.version} is installed: ${done.handlers.map((handler) => handler.name).join(', ')}`);
}
