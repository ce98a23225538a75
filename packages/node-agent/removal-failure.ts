/** Reports a failed removal on its node: the log of the removal goes with its pod. */
import { exitCodes, KataError } from '@kata/core';
import { readRecord } from '@kata/installer';
import type { StatusReason } from '@kata/kata';
import { type NodeStatus, readStatus } from '@kata/node';
import { bestEffort } from './best-effort.ts';
import { noteWithStep } from './cleanup-step.ts';
import type { ClusterNode, StatusDetails } from './cluster-node.ts';
import type { AgentContext } from './context.ts';
import { isApiFailure } from './install-failure.ts';

/** The status then belongs to another installation. */
const ofAnother = 'KATA_REMOVAL_ELSEWHERE';

/** Call it under the lock: another holder changes the status, too. `next`: what finishes the removal. */
export async function reportRemovalFailure<T>(
  context: AgentContext,
  node: ClusterNode | undefined,
  next: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (node !== undefined && isReported(error)) {
      await bestEffort(context, 'the failure is not reported on the node', async () => {
        await writeFailure(context, node, next, error);
      });
    }
    throw error;
  }
}

function isReported(error: unknown): error is KataError {
  if (!(error instanceof KataError) || error.exitCode === exitCodes.terminated) return false;
  return error.code !== ofAnother && !isApiFailure(error);
}

/** One Event for any number of attempts that fail alike. */
async function writeFailure(
  context: AgentContext,
  node: ClusterNode,
  next: string,
  { code, message }: KataError,
): Promise<void> {
  const { prefix, suffix } = context.config.settings;
  const record = await readRecord(context.host, prefix).catch(() => undefined);
  const release = record?.current ?? readStatus(await node.read(), suffix)?.release;
  const current = release === '' ? undefined : release;
  const isNew = await node.setStatus('RemovalFailed', current, { code, message });
  const note = noteWithStep(`${code}: ${message}`, `fix the cause, then ${next}`);
  if (isNew) await node.event('RemovalFailed', note);
}

/** Of a removal that begins, so that the last failure is reported until the removal succeeds. */
export function removingStatus(before: NodeStatus | undefined): {
  readonly reason: StatusReason;
  readonly details: StatusDetails;
} {
  const { reason, code, message } = before ?? {};
  if (reason !== ('RemovalFailed' satisfies StatusReason)) return { reason: 'Removing', details: {} };
  const details = { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) };
  return { reason: 'RemovalFailed', details };
}
