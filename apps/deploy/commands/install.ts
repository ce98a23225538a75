import { describeError, exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { endInTime, listenForTermination, type Termination } from '../termination.ts';
import { dryRun, type OutputFormat, outputOption, planOutput, printPlan } from './print-plan.ts';
import { openSession, say, type Session } from './session.ts';

export interface InstallOptions {
  readonly once?: boolean;
  readonly repair?: boolean;
  readonly retry?: boolean;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

export function installCommand(): Command {
  const command = new Command('install')
    .description('install, or upgrade, what the payload holds; then stay and answer probes')
    .option('--once', 'end when it is done')
    .option('--repair', 'read every file of the release first, and write it anew when one went bad')
    .option('--retry', 'restart the engine also where the same restart failed before')
    .option(...dryRun)
    .addOption(outputOption(planOutput))
    .action(run);
  return withHelp(command, {
    exits: {
      [exitCodes.terminated]: 'with --once: terminated (SIGTERM); the next run resumes where it stopped',
    },
    examples: [
      'kata-deploy install --once --dry-run',
      'kata-deploy install --once',
      'kata-deploy install --once --repair',
      'HEALTH_PORT=8090 kata-deploy install',
    ],
  });
}

/** A node does not wait long for a report. */
const reportTimeoutMs = 10_000;

async function run(options: InstallOptions, command: Command): Promise<void> {
  if (options.dryRun === true) {
    const session = await openSession(command);
    await printPlan(
      await session.installation.planInstall(await session.payload(), { repairs: options.repair }),
      options.output,
    );
    return;
  }
  using termination = listenForTermination();
  const session = await openSession(command, { signal: termination.signal }).catch(
    async (error: unknown) => await reportRefusal(command, error),
  );
  const { setup } = session.config.settings.snapshotters;
  if (setup.length > 0) say(`warning: this version does not set up snapshotters: ${setup.join(', ')}`);
  const work = async (): Promise<void> => await installUnlessTold(session, options, termination);
  // Another session: what is told to end begins nothing more.
  const atEnd = async (): Promise<void> =>
    await decideUnlessAlone(await openSession(command, { usesGrace: true }));
  if (options.once !== true) {
    const { stay } = await import('../stay.ts');
    const onReady = (at: number): void => say(`ready; answers probes on port ${at}`);
    await stay({ port: session.config.settings.healthPort, termination, work, onReady, atEnd });
    return;
  }
  // The waiter of its pod decides, and waits for the lock until then.
  await endInTime(work(), termination);
  if (termination.signal.aborted) process.exitCode = exitCodes.terminated;
}

/** Settings are refused before there is a session with them; one without can report it. */
async function reportRefusal(command: Command, error: unknown): Promise<never> {
  if (!(error instanceof KataError)) throw error;
  try {
    const session = await openSession(command, { settlesForIdentity: true, apiTimeoutMs: reportTimeoutMs });
    const { reportRefusedSettings } = await import('./run-installation.ts');
    await reportRefusedSettings(session, error);
  } catch (problem) {
    say(`the node does not report that the settings are refused: ${String(problem)}`);
  }
  throw error;
}

/** Where there is no cluster nobody can have stopped wanting it. */
async function decideUnlessAlone(session: Session): Promise<void> {
  if (session.config.nodeName === undefined) {
    say('nothing is removed: NODE_NAME is not set');
    return;
  }
  const { decideAtEnd } = await import('./end-of-pod.ts');
  await decideAtEnd(session);
}

/** Told to end, it ends after the step that goes on: the decision is what counts then, whatever failed. */
async function installUnlessTold(
  session: Session,
  options: InstallOptions,
  { signal }: Termination,
): Promise<void> {
  const { install, stopped } = await import('./run-installation.ts');
  try {
    await install(session, options);
  } catch (error) {
    if (!signal.aborted) throw error;
    const isExpected = error instanceof KataError && stopped.includes(error.code);
    say(isExpected ? error.message : describeError(error));
  }
}
