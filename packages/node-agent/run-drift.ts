/** What the waiter runs when a watched file changed: it looks for drift or, in a terminating pod, makes the cleanup decision. */
import { exitCodes, type ExitCode, KataError } from '@kata/core';
import type { AgentContext } from './context.ts';
import { handleTermination } from './handle-termination.ts';
import { lookForDrift } from './look-for-drift.ts';
import { openCluster } from './open-cluster.ts';
import { underLock } from './under-lock.ts';

/** It does not wait long for another run on the node: the waiter runs again. */
const lockLimits = { timeoutMs: 5000, sharedTimeoutMs: 5000, needsShared: true } as const;

/** Short: drift is repaired also while the API server does not answer. */
const podLimits = { overallMs: 5000, requestMs: 5000 };

/** `repairs`: left out, the setting `DRIFT` decides. */
export async function runDrift(context: AgentContext, repairs?: boolean): Promise<ExitCode> {
  if (await isPodEnding(context)) return await decideInstead(context);
  if (context.refusal !== undefined) throw context.refusal;
  const work = async (): Promise<boolean> => await lookForDrift(context, repairs);
  return (await underLock(context, 'drift', work, lockLimits)) ? exitCodes.drifted : exitCodes.ok;
}

/**
 * kubelet terminates a sidecar after the other containers. When it cannot terminate those, because the engine does not
 * answer, it waits for the whole grace period and then gives the sidecar two seconds, too few for the decision.
 */
async function decideInstead(context: AgentContext): Promise<ExitCode> {
  context.report.note('this pod is terminating: making the cleanup decision instead of looking for drift');
  const outcome = await handleTermination(context);
  // The waiter runs it again soon.
  return outcome === 'pending' ? exitCodes.temporary : exitCodes.ok;
}

/** False, too, when the API server does not answer. */
async function isPodEnding(context: AgentContext): Promise<boolean> {
  const { nodeName, namespace, podUid } = context.config;
  if (nodeName === undefined || podUid === undefined) return false;
  try {
    const pod = await openCluster(context, podLimits).findPod({ namespace, nodeName, uid: podUid });
    return pod?.beingDeleted === true;
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return false;
  }
}
