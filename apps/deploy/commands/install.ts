import { exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { type ClusterNode, openClusterNode, type ServedRelease } from './cluster-node.ts';
import { passGate, switchTo } from './pass-gate.ts';
import { openSession, print, say, type Session, underLock } from './session.ts';

export function installCommand(): Command {
  return new Command('install')
    .description('install, or upgrade, what the payload holds')
    .option('--once', 'end when it is done')
    .addHelpText('after', '\nExample:\n  kata-deploy install --once')
    .action(async (options: { readonly once?: boolean }, command: Command) => {
      if (options.once !== true) {
        throw new KataError('KATA_CONFIG_INVALID', 'this version can install only with --once', {
          exitCode: exitCodes.usage,
          hint: 'kata-deploy install --once',
        });
      }
      await install(command);
    });
}

async function install(command: Command): Promise<void> {
  const session = await openSession(command);
  const payload = await session.payload();
  const node = await openClusterNode(session);
  const gate = node === undefined ? undefined : await passGate(session, node, payload);
  if (gate?.kind === 'hold') return;
  await node?.claim();
  const { before, done } = await reportFailure(session, node, async () => {
    return await underLock(session.host, 'install', async () => {
      const current = await readCurrent(session);
      if (gate?.kind === 'switch')
        return { before: current, done: await keepOrSwitch(session, gate.release) };
      const { plan, ...installed } = await session.installation.install(payload);
      if (plan.actions.length === 0) say('nothing to do');
      const restartedEngine = plan.actions.some(({ kind }) => kind === 'engine.restart');
      return { before: current, done: { ...installed, restartedEngine } };
    });
  });
  await node?.serve(done);
  const names = done.handlers.map((handler) => handler.name).join(', ');
  const note = `Kata ${done.version} is installed: ${names}`;
  if (node !== undefined)
    await afterServing(session, node, { before, done, isSwitch: gate?.kind === 'switch', note });
  print(note);
}

async function readCurrent({ host, config }: Session): Promise<string | undefined> {
  const { readRecord } = await import('@kata/installer');
  return (await readRecord(host, config.settings.prefix))?.current ?? undefined;
}

/** Where the approved release serves already, nothing changes. */
async function keepOrSwitch(session: Session, release: string): Promise<ServedRelease> {
  const { versionOf } = await import('@kata/installer');
  const { record } = await session.installation.readFacts();
  if (record?.current !== release) return await switchTo(session, release);
  say(`nothing to do: the approved release ${release} serves`);
  return { release, version: versionOf(release), handlers: record.handlers, restartedEngine: false };
}

async function reportFailure<T>(
  session: Session,
  node: ClusterNode | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (node === undefined || !(error instanceof KataError)) throw error;
    const unsaid = (problem: unknown): void =>
      say(`the node does not say that it failed: ${String(problem)}`);
    await node.saysStatus('InstallFailed', await readCurrent(session).catch(() => undefined)).catch(unsaid);
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
  const { keepRights } = await import('./kept-rights.ts');
  await keepRights(session.config, node);
}
