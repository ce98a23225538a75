import { exitCodes, KataError } from '@kata/core';
import { Command } from 'commander';
import { withHelp } from '../command-help.ts';
import { listenForTermination } from '../termination.ts';
import type { ClusterNode } from './cluster-node.ts';
import type { GateAnswer } from './pass-gate.ts';
import { dryRun, type OutputFormat, outputOption, printPlan } from './print-plan.ts';
import { openSession, print, say, type Session, underLock } from './session.ts';

interface RollbackOptions {
  readonly to?: string;
  readonly hold?: boolean;
  readonly dryRun?: boolean;
  readonly output: OutputFormat;
}

export function rollbackCommand(): Command {
  const command = new Command('rollback')
    .description('switch to the release that was active before, or to another in the store')
    .option('--to <release>', 'an id or a version, as "releases list" shows them')
    .option('--hold', 'keep the node there until "resume", whatever the installer brings')
    .option(...dryRun)
    .addOption(outputOption())
    .action(rollBack);
  return withHelp(command, {
    exits: {
      [exitCodes.precondition]: 'there is no such release',
      [exitCodes.conflict]: '--hold: the node is under lifecycle management',
      [exitCodes.verification]:
        'that release is damaged, or the engine did not accept it and all is as before',
    },
    examples: [
      'kata-deploy rollback --dry-run',
      'kata-deploy rollback',
      'kata-deploy rollback --to 3.24.0-1a2b3c4d --hold',
    ],
  });
}

async function rollBack(options: RollbackOptions, command: Command): Promise<void> {
  using termination = listenForTermination();
  await rollBackOn(await openSession(command, { signal: termination.signal }), options);
}

export async function rollBackOn(session: Session, options: RollbackOptions): Promise<void> {
  if (options.dryRun === true) {
    await printPlan(await session.installation.planRollback(options.to), options.output);
    return;
  }
  const { openClusterNode, servedBy } = await import('./cluster-node.ts');
  const node = await openClusterNode(session);
  const { readHold } = await import('@kata/installer');
  const { answer, done, isHeld } = await underLock(session, 'rollback', async () => {
    const answer = await askIfManaged(session, node, options);
    const isManaged = answer?.isManaged === true;
    if (isManaged && options.hold === true) await refuseHold(session, options);
    const holds = isManaged ? false : options.hold;
    return {
      answer,
      done: await session.installation.rollback(options.to, { holds }),
      isHeld: !isManaged && (await readHold(session.host, session.config.settings.prefix)) !== undefined,
    };
  });
  for (const note of done.plan.notes) say(note);
  const hasChanged = done.plan.actions.length > 0;
  if (!hasChanged) say('nothing to do');
  const { release, version, handlers } = done;
  // Before the node is told: the API server may be away.
  if (options.output === 'json') print(JSON.stringify({ release, version, handlers, isHeld }, undefined, 2));
  else print(`Kata ${version} is active: ${handlers.map((handler) => handler.name).join(', ')}`);
  await sayWhatComesNext(session, release, isHeld, answer);
  await node?.serve(servedBy(done), isHeld ? 'HeldByAdministrator' : 'Installed');
  if (hasChanged) await node?.event('RolledBack', `Kata ${version} is active, release ${release}`);
}

/** A rollback must work while the API server is away; a hold needs its answer. */
async function askIfManaged(
  session: Session,
  node: ClusterNode | undefined,
  { hold }: RollbackOptions,
): Promise<GateAnswer | undefined> {
  try {
    const { askGate } = await import('./pass-gate.ts');
    return await askGate(session, node);
  } catch (error) {
    if (hold === true || !(error instanceof KataError)) throw error;
    say(`it is not known whether this node is under lifecycle management: ${error.message}`);
    return undefined;
  }
}

async function refuseHold({ config, installation }: Session, { to }: RollbackOptions): Promise<never> {
  const release = await installation.findRollbackRelease(to);
  throw new KataError(
    'KATA_ROLLBACK_MANAGED',
    'this node is under lifecycle management: its approval decides what it has, and --hold would be ignored',
    {
      exitCode: exitCodes.conflict,
      hint: `approve the release instead, then delete the installer's pod of this node: ${await approvalCommand(config, release)}`,
      details: { release },
    },
  );
}

async function approvalCommand({ nodeName, settings }: Session['config'], release: string): Promise<string> {
  const { approvedAnnotation } = await import('@kata/kata');
  return `kubectl annotate node ${nodeName ?? '<node>'} --overwrite ${approvedAnnotation(settings.suffix)}=${release}`;
}

async function sayWhatComesNext(
  { config }: Session,
  release: string,
  isHeld: boolean,
  answer: GateAnswer | undefined,
): Promise<void> {
  if (isHeld) {
    say(`the node is held on ${release}; to end that: kata-deploy resume`);
  } else if (answer?.isManaged === true) {
    if (answer.approved === release) return;
    const command = await approvalCommand(config, release);
    say(`the next start of the installer's pod follows the node's approval; to stay here: ${command}`);
  } else if (answer !== undefined) {
    say(
      `the next start of the installer's pod installs its payload again; to stay here: kata-deploy rollback --to ${release} --hold`,
    );
  }
}
