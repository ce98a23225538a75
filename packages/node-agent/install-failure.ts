/** That an installation failed, as its node says it: with what failed, and whether the node is as it was before. */
import { exitCodes, KataError } from '@kata/core';
import { readRecord, readUnfinished } from '@kata/installer';
import { type ClusterNode, openClusterNode } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { makeLabelsTrue } from './node-truth.ts';

const stops: readonly string[] = ['KATA_INSTALLER_STOPPED', 'KATA_HOST_LOCK_STOPPED'];

/** Told to end, it ended in between, or had not begun. */
export function isStop({ code }: KataError): boolean {
  return stops.includes(code);
}

/** Says on the node that an installation failed, and whether it left anything. */
export async function reportFailure<T>(
  context: AgentContext,
  node: ClusterNode | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isFailure = error instanceof KataError && !isStop(error);
    if (node === undefined || !isFailure || isOfApi(error)) throw error;
    const reason = (await isUndone(context, error)) ? 'InstallFailed' : 'InstallIncomplete';
    await sayFailure(context, node, error, reason);
    throw error;
  }
}

/** The context has no more of the settings than whose pod this is. */
export async function reportRefusedSettings(context: AgentContext, error: KataError): Promise<void> {
  const node = openClusterNode(context);
  if (node !== undefined) await sayFailure(context, node, error, 'InstallFailed');
}

async function sayFailure(
  context: AgentContext,
  node: ClusterNode,
  { code, message }: KataError,
  reason: 'InstallFailed' | 'InstallIncomplete',
): Promise<void> {
  const unsaid = (problem: unknown): void =>
    context.report.note(`the node does not report that it failed: ${String(problem)}`);
  const { host, config } = context;
  const record = await readRecord(host, config.settings.prefix).catch(() => undefined);
  await node.setStatus(reason, record?.current ?? undefined, { code, message }).catch(unsaid);
  await makeLabelsTrue(context, node).catch(unsaid);
  await node.event(reason, `${code}: ${message}`);
}

/** Of an API server that does not answer nothing can be said there, and nothing is wrong with the node. */
function isOfApi({ code, exitCode }: KataError): boolean {
  return exitCode === exitCodes.temporary && code.startsWith('KATA_KUBE_');
}

/** What came after the change, or while it was undone, left the change in place. */
const notUndone: readonly string[] = [
  'KATA_ENGINE_FILE_PUT_BACK',
  'KATA_INSTALLER_UNDO',
  'KATA_INSTALLER_VERIFY',
  'KATA_DEPLOY_NOT_SERVED',
  'KATA_HOST_LOCK_LOST',
];

async function isUndone({ host, config }: AgentContext, { code }: KataError): Promise<boolean> {
  if (notUndone.includes(code)) return false;
  try {
    return (await readUnfinished(host, config.settings.prefix)) === undefined;
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return false;
  }
}
