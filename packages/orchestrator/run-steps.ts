/** The steps of a workflow: each is a process of its own, and goes on from the record of the run. */
import { exitCodes, type ExitCode, KataError } from '@kata/core';
import { listFleetNodes } from '@kata/kube/fleet';
import { canGoBack, hasEnded, hasFailedNode, isVerified, type NodeView, wavesOf } from '@kata/rollout';
import type { FleetContext } from './context.ts';
import { guardWrites } from './guard-writes.ts';
import { holdLease } from './hold-lease.ts';
import type { HelmOptions } from './helm/index.ts';
import { nodesLeft } from './nodes-left.ts';
import { openRun } from './open-run.ts';
import type { UpgradeOrder } from './plan-order.ts';
import { openRelease, releaseControl } from './release-control.ts';
import { isPast, readRun, type RunPlan } from './run-record.ts';
import { exitOf, RunStages } from './run-stages.ts';

/** Uid of the workflow: its pods hold the Lease together. */
export interface StepOf {
  readonly workflow: string;
}

export interface RunStep extends StepOf {
  readonly run: string;
}

export interface PlannedSteps {
  readonly plan: RunPlan;
  /** False when no node is selected: then there is no run. */
  readonly isOpen: boolean;
  /** The nodes that are left, in waves of the batch size. */
  readonly waves: readonly (readonly string[])[];
}

export async function stepPlan(context: FleetContext, order: UpgradeOrder & StepOf): Promise<PlannedSteps> {
  await using lease = await holdLease(context, { isForced: false, ...order });
  // When this step fails, the workflow ends: the next one need not wait.
  lease.releaseAtEnd(true);
  await using release = await openRelease(context, order.helm);
  const { plan, state } = await openRun(guardWrites(context, lease), release, order);
  const left = nodesLeft(plan, await listFleetNodes(context.api));
  const isOpen = state.stage !== 'ended';
  lease.releaseAtEnd(!isOpen);
  return { plan, isOpen, waves: wavesOf(left, plan.policy.batchSize) };
}

export async function stepHelm(
  context: FleetContext,
  { helm, ...step }: RunStep & { readonly helm: HelmOptions },
): Promise<void> {
  await using lease = await holdLease(context, { isForced: false, ...step });
  lease.releaseAtEnd(true);
  const record = await readRun(context, step.run);
  await using release = await openRelease(context, helm);
  await new RunStages(context, record, lease).upgrade(releaseControl(context, release, record.plan));
  lease.releaseAtEnd(false);
}

export async function stepPrepare(context: FleetContext, step: RunStep): Promise<void> {
  await using lease = await holdLease(context, { isForced: false, ...step });
  const stages = new RunStages(
    { ...context, workflow: step.workflow },
    await readRun(context, step.run),
    lease,
  );
  await using watch = stages.openWatch();
  await stages.prepare(watch);
}

/**
 * One node, to its end or until it waits for the earlier payload. One that does not exist any more is left alone, and so are
 * all when another process, which took the place of the workflow, has ended the run.
 */
export async function stepNode(
  context: FleetContext,
  { node, ...step }: RunStep & { readonly node: string },
): Promise<ExitCode> {
  await using lease = await holdLease(context, { isForced: false, ...step });
  const record = await readRun(context, step.run);
  const stages = new RunStages({ ...context, workflow: step.workflow }, record, lease);
  await using watch = stages.openWatch();
  const driver = stages.openDriver(watch);
  const hasEndedRun = record.state.stage === 'ended';
  const view = hasEndedRun
    ? (await driver.look(stages.isPayloadBack)).views.find(({ name }) => name === node)
    : await driver.driveNode(node, stages.isPayloadBack);
  if (view === undefined && record.plan.nodes.some(({ name }) => name === node)) {
    const reason = 'was deleted, or replaced under its name, after the run was planned';
    context.emit(node)({ kind: 'node.left-alone', reason });
    return exitCodes.ok;
  }
  if (view?.claim?.run !== step.run) {
    return view !== undefined && isVerified(view) ? exitCodes.ok : exitCodes.partial;
  }
  // Once the payload is back, nodes are only there to return to it.
  const isBack = stages.isPayloadBack && !hasEndedRun;
  const isDone = view.claim.phase === (isBack ? 'rolled-back' : 'completed');
  return isDone ? exitCodes.ok : exitCodes.verification;
}

/** Nodes that have joined meanwhile, in waves, when all others are right: they are nodes of the run from now on. */
export async function stepJoin(
  context: FleetContext,
  step: RunStep,
): Promise<readonly (readonly string[])[]> {
  await using lease = await holdLease(context, { isForced: false, ...step });
  const record = await readRun(context, step.run);
  if (!isPast(record, 'prepared') || record.state.stage === 'ended') return [];
  const stages = new RunStages(context, record, lease);
  await using watch = stages.openWatch();
  const { move } = await stages.openDriver(watch).look(stages.isPayloadBack);
  if (move.kind !== 'end' || move.outcome !== 'succeeded') return [];
  return wavesOf(await stages.join(watch), record.plan.policy.batchSize);
}

/**
 * When nodes were not prepared or one has failed, Helm returns to the revision of the start. Returns the nodes that are not
 * at their end yet, such as those that wait for the earlier payload.
 */
export async function stepSettle(
  context: FleetContext,
  { helm, ...step }: RunStep & { readonly helm: HelmOptions },
): Promise<readonly string[]> {
  await using lease = await holdLease(context, { isForced: false, ...step });
  lease.releaseAtEnd(true);
  const record = await readRun(context, step.run);
  const stages = new RunStages(context, record, lease);
  await using watch = stages.openWatch();
  const { views } = await stages.openDriver(watch).look(stages.isPayloadBack);
  const { id: run, intent, policy } = record.plan;
  const hasFailed = hasFailedNode(views, { run, intent });
  const isPrepared = isPast(record, 'prepared');
  if (hasFailed || !isPrepared) {
    await using release = await openRelease(context, helm);
    const control = releaseControl(context, release, record.plan);
    await (isPrepared ? stages.restore(control) : stages.giveUp(control));
  }
  lease.releaseAtEnd(false);
  if (!isPrepared) return [];
  const goBack = hasFailed && policy.rollbackScope === 'run';
  const isLeft = ({ claim }: NodeView): boolean =>
    claim?.run === run && (!hasEnded(claim.phase) || (goBack && canGoBack(claim)));
  return views.filter(isLeft).map(({ name }) => name);
}

export async function stepFinish(context: FleetContext, step: RunStep): Promise<ExitCode> {
  await using lease = await holdLease(context, { isForced: false, ...step });
  lease.releaseAtEnd(true);
  const record = await readRun(context, step.run);
  const { stage, outcome: recorded } = record.state;
  // The preparation failed: "step settle" has ended the run.
  if (stage === 'ended') return recorded === 'succeeded' ? exitCodes.ok : exitCodes.verification;
  const stages = new RunStages(context, record, lease);
  await using watch = stages.openWatch();
  const { move } = await stages.openDriver(watch).removeLeftPods();
  if (move.kind !== 'end') {
    throw new KataError('KATA_LIFECYCLE_UNFINISHED', `run ${step.run} has nodes in progress`, {
      exitCode: exitCodes.partial,
      hint: 'submit the workflow again: it goes on; see kata-lifecycle status',
    });
  }
  const { outcome } = move;
  await stages.end(outcome, watch);
  context.emit()({ kind: 'run.ended', run: step.run, outcome });
  return exitOf(outcome);
}
