/** Switches the node to another release of its store, and says what follows from that. */
import { exitCodes, KataError } from '@kata/core';
import { readHold } from '@kata/installer';
import { approvedAnnotation } from '@kata/kata';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentConfig, AgentContext } from './context.ts';
import { askGate, type GateAnswer } from './pass-gate.ts';
import { serve, servedBy } from './serve.ts';
import { underLock } from './under-lock.ts';

export interface RollbackWishes {
  /** An id or a version; left out: the recorded previous release. */
  readonly to?: string | undefined;
  /** Keeps the node there until `resume`; left out: where it is kept already. */
  readonly holds?: boolean | undefined;
}

/** @throws KataError `KATA_ROLLBACK_MANAGED` where the node's approval decides what it has, and a hold would be ignored. */
export async function rollBack(context: AgentContext, wishes: RollbackWishes = {}): Promise<void> {
  const { installation, host, report, config } = context;
  const node = openClusterNode(context);
  const { answer, done, isHeld } = await underLock(context, 'rollback', async () => {
    const answer = await askIfManaged(context, node, wishes);
    const isManaged = answer?.isManaged === true;
    if (isManaged && wishes.holds === true) await refuseHold(context, wishes);
    const holds = isManaged ? false : wishes.holds;
    return {
      answer,
      done: await installation.rollback(wishes.to, { holds }),
      isHeld: !isManaged && (await readHold(host, config.settings.prefix)) !== undefined,
    };
  });
  for (const note of done.plan.notes) report.note(note);
  const hasChanged = done.plan.actions.length > 0;
  if (!hasChanged) report.note('nothing to do');
  const { release, version, handlers } = done;
  // Before the node is told: the API server may be away.
  const names = handlers.map(({ name }) => name).join(', ');
  report.result(`Kata ${version} is active: ${names}`, { release, version, handlers, isHeld });
  sayWhatComesNext(context, release, isHeld, answer);
  if (node === undefined) return;
  await serve(context, node, servedBy(done), isHeld ? 'HeldByAdministrator' : 'Installed');
  if (hasChanged) await node.event('RolledBack', `Kata ${version} is active, release ${release}`);
}

/** A rollback must work while the API server is away; a hold needs its answer. */
async function askIfManaged(
  context: AgentContext,
  node: ClusterNode | undefined,
  { holds }: RollbackWishes,
): Promise<GateAnswer | undefined> {
  try {
    return await askGate(context, node);
  } catch (error) {
    if (holds === true || !(error instanceof KataError)) throw error;
    context.report.note(`it is not known whether this node is under lifecycle management: ${error.message}`);
    return undefined;
  }
}

async function refuseHold({ config, installation }: AgentContext, { to }: RollbackWishes): Promise<never> {
  const release = await installation.findRollbackRelease(to);
  throw new KataError(
    'KATA_ROLLBACK_MANAGED',
    'this node is under lifecycle management: its approval decides what it has, and --hold would be ignored',
    {
      exitCode: exitCodes.conflict,
      hint: `approve the release instead, then delete the installer's pod of this node: ${approvalCommand(config, release)}`,
      details: { release },
    },
  );
}

function approvalCommand({ nodeName, settings }: AgentConfig, release: string): string {
  return `kubectl annotate node ${nodeName ?? '<node>'} --overwrite ${approvedAnnotation(settings.suffix)}=${release}`;
}

function sayWhatComesNext(
  { config, report }: AgentContext,
  release: string,
  isHeld: boolean,
  answer: GateAnswer | undefined,
): void {
  if (isHeld) {
    report.note(`the node is held on ${release}; to end that: kata-deploy resume`);
  } else if (answer?.isManaged === true) {
    if (answer.approved === release) return;
    const command = approvalCommand(config, release);
    report.note(
      `the next start of the installer's pod follows the node's approval; to stay here: ${command}`,
    );
  } else if (answer !== undefined) {
    report.note(
      `the next start of the installer's pod installs its payload again; to stay here: kata-deploy rollback --to ${release} --hold`,
    );
  }
}
