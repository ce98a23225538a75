/** Switches the node to another release of its store, and prints what the next start of the installer will do. */
import { exitCodes, KataError } from '@kata/core';
import { readHold } from '@kata/installer';
import { approvedAnnotation } from '@kata/kata';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentConfig, AgentContext } from './context.ts';
import { queryGate, type GateAnswer } from './pass-gate.ts';
import { serve, servedBy } from './serve.ts';
import { underLock } from './under-lock.ts';

export interface RollbackOptions {
  /** An id or a version; left out: the recorded previous release. */
  readonly to?: string | undefined;
  /** Holds the node there until `resume`; left out: a hold stays as it is. */
  readonly holds?: boolean | undefined;
}

/** @throws KataError `KATA_ROLLBACK_MANAGED` for a hold on a managed node, which follows its approval instead. */
export async function rollBack(context: AgentContext, options: RollbackOptions = {}): Promise<void> {
  const { installation, host, report, config } = context;
  const node = openClusterNode(context);
  const { answer, done, isHeld } = await underLock(context, 'rollback', async () => {
    const answer = await queryIfManaged(context, node, options);
    const isManaged = answer?.isManaged === true;
    if (isManaged && options.holds === true) await refuseHold(context, options);
    const holds = isManaged ? false : options.holds;
    return {
      answer,
      done: await installation.rollback(options.to, { holds }),
      isHeld: !isManaged && (await readHold(host, config.settings.prefix)) !== undefined,
    };
  });
  for (const note of done.plan.notes) report.note(note);
  const hasChanged = done.plan.actions.length > 0;
  if (!hasChanged) report.note('nothing to do');
  const { release, version, handlers } = done;
  // First of all, because the API server may not answer.
  const names = handlers.map(({ name }) => name).join(', ');
  report.result(`Kata ${version} is active: ${names}`, { release, version, handlers, isHeld });
  noteNextStart(context, release, isHeld, answer);
  if (node === undefined) return;
  await serve(context, node, servedBy(done), isHeld ? 'HeldByAdministrator' : 'Installed');
  if (hasChanged) await node.event('RolledBack', `Kata ${version} is active, release ${release}`);
}

/** A rollback must work while the API server does not answer; a hold needs the answer. */
async function queryIfManaged(
  context: AgentContext,
  node: ClusterNode | undefined,
  { holds }: RollbackOptions,
): Promise<GateAnswer | undefined> {
  try {
    return await queryGate(context, node);
  } catch (error) {
    if (holds === true || !(error instanceof KataError)) throw error;
    context.report.note(`cannot tell whether this node is under lifecycle management: ${error.message}`);
    return undefined;
  }
}

async function refuseHold({ config, installation }: AgentContext, { to }: RollbackOptions): Promise<never> {
  const release = await installation.findRollbackRelease(to);
  throw new KataError(
    'KATA_ROLLBACK_MANAGED',
    '--hold is refused: this node is under lifecycle management and follows its approval, which would override a hold',
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

function noteNextStart(
  { config, report }: AgentContext,
  release: string,
  isHeld: boolean,
  answer: GateAnswer | undefined,
): void {
  if (isHeld) {
    report.note(`the node is held on ${release}; to end the hold: kata-deploy resume`);
  } else if (answer?.isManaged === true) {
    if (answer.approved === release) return;
    const command = approvalCommand(config, release);
    report.note(
      `the next start of the installer's pod follows the node's approval; to keep this release: ${command}`,
    );
  } else if (answer !== undefined) {
    report.note(
      `the next start of the installer's pod installs its payload again; to keep this release: kata-deploy rollback --to ${release} --hold`,
    );
  }
}
