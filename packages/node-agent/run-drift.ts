/** What the waiter runs when something changed: it looks for drift, or, where its pod was told to end, makes the decision. */
import { exitCodes, type ExitCode, KataError } from '@kata/core';
import type { AgentContext } from './context.ts';
import { decideAtEnd } from './end-of-pod.ts';
import { lookForDrift } from './look-for-drift.ts';
import { openCluster } from './open-cluster.ts';
import { underLock } from './under-lock.ts';

/** Another run that works on the node is no drift; the waiter comes again. */
const lockLimits = { timeoutMs: 5000, sharedTimeoutMs: 5000, needsShared: true } as const;

/** Drift is repaired also while the API server is away. */
const podLimits = { overallMs: 5000, requestMs: 5000 };

/** `repairs`: left out, as `DRIFT` says. */
export async function runDrift(context: AgentContext, repairs?: boolean): Promise<ExitCode> {
  if (await isPodEnding(context)) return await decideInstead(context);
  if (context.refusal !== undefined) throw context.refusal;
  const work = async (): Promise<boolean> => await lookForDrift(context, repairs);
  return (await underLock(context, 'drift', work, lockLimits)) ? exitCodes.drifted : exitCodes.ok;
}

/**
 * kubelet ends a sidecar after the other containers. When it cannot end those, because the engine does not answer, it
 * waits until the whole grace has passed, and then gives the sidecar two seconds: nobody else would decide in time.
 */
async function decideInstead(context: AgentContext): Promise<ExitCode> {
  context.report.note('this pod is terminating: whether Kata is removed is decided now');
  const outcome = await decideAtEnd(context);
  // The waiter comes again soon.
  return outcome === 'pending' ? exitCodes.temporary : exitCodes.ok;
}

/** Who cannot ask goes on as if it were not. */
async function isPodEnding(context: AgentContext): Promise<boolean> {
  const { nodeName, namespace, podUid } = context.config;
  if (nodeName === undefined || podUid === undefined) return false;
  try {
    return await openCluster(context, podLimits).isPodEnding({ namespace, nodeName, uid: podUid });
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return false;
  }
}
