/** Reports a failed installation on its node: what failed, and whether all changes were rolled back. */
import { exitCodes, KataError } from '@kata/core';
import { readRecord, readUnfinished } from '@kata/installer';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { removeStaleLabels } from './stale-labels.ts';

const stops: readonly string[] = ['KATA_INSTALLER_STOPPED', 'KATA_HOST_LOCK_STOPPED'];

/** Terminated (SIGTERM) between two steps, or before the first. */
export function isStop({ code }: KataError): boolean {
  return stops.includes(code);
}

/** Not for a termination, nor for an unreachable API server. Throws the error again. */
export async function reportFailure<T>(
  context: AgentContext,
  node: ClusterNode | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isFailure = error instanceof KataError && !isStop(error);
    if (node === undefined || !isFailure || isApiFailure(error)) throw error;
    const reason = (await isRolledBack(context, error)) ? 'InstallFailed' : 'InstallIncomplete';
    await writeFailure(context, node, error, reason);
    throw error;
  }
}

/** Of the context's settings, only those that identify the installation are valid. */
export async function reportRefusedSettings(context: AgentContext, error: KataError): Promise<void> {
  const node = openClusterNode(context);
  if (node !== undefined) await writeFailure(context, node, error, 'InstallFailed');
}

async function writeFailure(
  context: AgentContext,
  node: ClusterNode,
  { code, message }: KataError,
  reason: 'InstallFailed' | 'InstallIncomplete',
): Promise<void> {
  const noteUnreported = (problem: unknown): void =>
    context.report.note(`the failure cannot be reported on the node: ${String(problem)}`);
  const { host, config } = context;
  const record = await readRecord(host, config.settings.prefix).catch(() => undefined);
  await node.setStatus(reason, record?.current ?? undefined, { code, message }).catch(noteUnreported);
  await removeStaleLabels(context, node).catch(noteUnreported);
  await node.event(reason, `${code}: ${message}`);
}

/** The failure cannot be reported through an API server that does not answer, and the node is not affected. */
export function isApiFailure({ code, exitCode }: KataError): boolean {
  return exitCode === exitCodes.temporary && code.startsWith('KATA_KUBE_');
}

/** They occur after the change, or while it is rolled back: the change stays. */
const notRolledBack: readonly string[] = [
  'KATA_ENGINE_FILE_PUT_BACK',
  'KATA_INSTALLER_UNDO',
  'KATA_INSTALLER_VERIFY',
  'KATA_DEPLOY_NOT_SERVED',
  'KATA_HOST_LOCK_LOST',
];

async function isRolledBack({ host, config }: AgentContext, { code }: KataError): Promise<boolean> {
  if (notRolledBack.includes(code)) return false;
  try {
    return (await readUnfinished(host, config.settings.prefix)) === undefined;
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return false;
  }
}
