import { exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { endInTime, listenForTermination } from '../termination.ts';
import { dryRun, type OutputFormat, outputOption, planOutput, printPlan } from './print-plan.ts';
import { openSession, say } from './session.ts';

interface InstallOptions {
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
  const { decideUnlessAlone, installUnlessTold } = await import('@kata/node-agent');
  const work = async (): Promise<void> => {
    const { repair: repairs, retry: retries } = options;
    await installUnlessTold(session, async () => await session.payload(), { repairs, retries });
  };
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
    const { reportRefusedSettings } = await import('@kata/node-agent');
    await reportRefusedSettings(session, error);
  } catch (problem) {
    say(`the node does not report that the settings are refused: ${String(problem)}`);
  }
  throw error;
}
