import { describeError, exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { endInTime, listenForTermination, type Termination } from '../termination.ts';
import { type ClusterNode, openClusterNode, type ServedRelease, servedBy } from './cluster-node.ts';
import { decideAtEnd } from './end-of-pod.ts';
import { askGate, passGate } from './pass-gate.ts';
import { dryRun, type OutputFormat, outputOption, planOutput, printPlan } from './print-plan.ts';
import { openSession, print, say, type Session, underLock } from './session.ts';

/** Told to end, it ended in between, or had not begun. */
const stopped: readonly string[] = ['KATA_INSTALLER_STOPPED', 'KATA_HOST_LOCK_STOPPED'];

interface InstallOptions {
  readonly once?: boolean;
  readonly repair?: boolean;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

export function installCommand(): Command {
  const command = new Command('install')
    .description('install, or upgrade, what the payload holds; then stay and answer probes')
    .option('--once', 'end when it is done')
    .option('--repair', 'read every file of the release first, and write it anew when one went bad')
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
  const session = await openSession(command, { signal: termination.signal });
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

/** Where there is no cluster nobody can have stopped wanting it. */
async function decideUnlessAlone(session: Session): Promise<void> {
  if (session.config.nodeName === undefined) say('nothing is removed: NODE_NAME is not set');
  else await decideAtEnd(session);
}

/** Told to end, it ends after the step that goes on: the decision is what counts then, whatever failed. */
async function installUnlessTold(
  session: Session,
  options: InstallOptions,
  { signal }: Termination,
): Promise<void> {
  try {
    await install(session, options);
  } catch (error) {
    if (!signal.aborted) throw error;
    const isExpected = error instanceof KataError && stopped.includes(error.code);
    say(isExpected ? error.message : describeError(error));
  }
}

export async function install(session: Session, { repair: repairs }: InstallOptions): Promise<void> {
  const payload = await session.payload();
  const node = await openClusterNode(session);
  const answer = await askGate(session, node);
  const served = await reportFailure(session, node, async () => {
    return await underLock(session, 'install', async (): Promise<Omit<Served, 'note'> | undefined> => {
      const gate = await passGate(session, node, answer, payload);
      if (gate.kind === 'hold') return undefined;
      await node?.claim();
      const before = await readCurrent(session);
      if (gate.kind === 'switch') {
        return { before, done: await switchTo(session, gate.release), isSwitch: true };
      }
      const installed = await session.installation.install(payload, { repairs });
      if (installed.plan.actions.length === 0) say('nothing to do');
      return { before, done: servedBy(installed), isSwitch: false };
    });
  });
  if (served === undefined) return;
  const { done } = served;
  const previous = await readPrevious(session);
  if (previous !== undefined) node?.remember({ previous });
  await node?.serve(done);
  const names = done.handlers.map((handler) => handler.name).join(', ');
  const note = `Kata ${done.version} is installed: ${names}`;
  if (node !== undefined) await afterServing(session, node, { ...served, note });
  print(note);
}

async function readCurrent({ host, config }: Session): Promise<string | undefined> {
  const { readRecord } = await import('@kata/installer');
  return (await readRecord(host, config.settings.prefix))?.current ?? undefined;
}

async function readPrevious({ host, config }: Session): Promise<string | undefined> {
  const { readRecord } = await import('@kata/installer');
  return (await readRecord(host, config.settings.prefix))?.previous ?? undefined;
}

/** Also where it is the current one: what was interrupted is finished. */
async function switchTo(session: Session, release: string): Promise<ServedRelease> {
  const done = await session.installation.rollback(release, { holds: false });
  if (done.plan.actions.length === 0) say(`nothing to do: the approved release ${release} serves`);
  return servedBy(done);
}

async function reportFailure<T>(
  session: Session,
  node: ClusterNode | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isFailure = error instanceof KataError && !stopped.includes(error.code);
    if (node === undefined || !isFailure) throw error;
    const unsaid = (problem: unknown): void =>
      say(`the node does not say that it failed: ${String(problem)}`);
    const current = await readCurrent(session).catch(() => undefined);
    const { code, message } = error;
    await node.saysStatus('InstallFailed', current, { code, message }).catch(unsaid);
    await node.event('InstallFailed', `${error.code}: ${error.message}`);
    throw error;
  }
}

interface Served {
  readonly before: string | undefined;
  readonly done: ServedRelease;
  readonly isSwitch: boolean;
  readonly note: string;
}

async function afterServing(session: Session, node: ClusterNode, served: Served): Promise<void> {
  const { before, done, isSwitch, note } = served;
  if (before === undefined) await node.event('Installed', note);
  else if (before !== done.release) {
    await node.event(isSwitch ? 'RolledBack' : 'Upgraded', `${note}; before: ${before}`);
  }
  const { noteClasses } = await import('./own-pods.ts');
  await noteClasses(session, node);
  const { keepRights } = await import('./kept-rights.ts');
  await keepRights(session.config, node);
}
