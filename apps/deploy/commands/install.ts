import { exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '@kata/report/command-help';
import { endInTime, listenForTermination } from '../termination.ts';
import { dryRun, type OutputFormat, outputOption, planOutput, printPlan } from './print-plan.ts';
import { openEmitter } from '../open-emitter.ts';
import { openSession } from './session.ts';

interface InstallOptions {
  readonly once?: boolean;
  readonly repair?: boolean;
  readonly retry?: boolean;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

export function installCommand(): Command {
  const command = new Command('install')
    .description('install or upgrade to the release of the payload; then keep running and answer probes')
    .option('--once', 'exit when the installation is complete')
    .option(
      '--repair',
      'compare every file of the release first, and write the release again if one is damaged',
    )
    .option('--retry', 'restart the container runtime even if the same restart failed before')
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

/** Reporting must not delay the exit for long. */
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
  const { note } = session.report;
  if (setup.length > 0) note(`warning: this version does not set up snapshotters: ${setup.join(', ')}`);
  const { handleTerminationInCluster, installUntilTerminated } = await import('@kata/node-agent');
  const work = async (): Promise<void> => {
    const { repair: repairs, retry: retries } = options;
    await installUntilTerminated(session, async () => await session.payload(), { repairs, retries });
  };
  // A new session: the one above is aborted by SIGTERM.
  const atEnd = async (): Promise<void> =>
    await handleTerminationInCluster(await openSession(command, { usesGrace: true }));
  if (options.once !== true) {
    const { stay } = await import('../stay.ts');
    const onReady = (at: number): void => note(`ready; answers probes on port ${at}`);
    await stay({ port: session.config.settings.healthPort, termination, work, onReady, atEnd });
    return;
  }
  // The waiter of this pod makes the decision, and waits for the lock.
  await endInTime(work(), termination);
  if (termination.signal.aborted) process.exitCode = exitCodes.terminated;
}

/** Refused settings open no session; one that needs only the identity reports the refusal. */
async function reportRefusal(command: Command, error: unknown): Promise<never> {
  if (!(error instanceof KataError)) throw error;
  try {
    const session = await openSession(command, { settlesForIdentity: true, apiTimeoutMs: reportTimeoutMs });
    const { reportRefusedSettings } = await import('@kata/node-agent');
    await reportRefusedSettings(session, error);
  } catch (problem) {
    const { uncheckedConfig } = await import('../config.ts');
    const emit = await openEmitter(uncheckedConfig(command.optsWithGlobals()));
    emit({
      kind: 'note',
      message: `cannot report on the node that the settings were refused: ${String(problem)}`,
    });
  }
  throw error;
}
