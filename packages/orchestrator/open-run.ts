/** Opens the run that an upgrade asks for: an interrupted one with the same target, or a new one. */
import { exitCodes, KataError } from '@kata/core';
import { lifecycleCommand, resumeCommand } from './command-text.ts';
import type { FleetContext } from './context.ts';
import { recoverRelease } from './helm/index.ts';
import { planOrder, type UpgradeOrder } from './plan-order.ts';
import type { OpenRelease } from './release-control.ts';
import { createRun, findOpenRun, type RunRecord } from './run-record.ts';

/** @throws KataError `KATA_LIFECYCLE_UNFINISHED`: a run with another target has not ended, and a user has to decide. */
export async function openRun(
  context: FleetContext,
  release: OpenRelease,
  order: UpgradeOrder,
): Promise<RunRecord> {
  const open = await findOpenRun(context);
  if (open !== undefined && open.plan.helm?.version !== order.version) throw unfinished(context, open);
  const record = open ?? (await planRun(context, release, order));
  const { id: run, nodes } = record.plan;
  const names = nodes.map(({ name }) => name);
  context.emit()({ kind: 'run.started', run, nodes: names, isResumed: open !== undefined });
  return record;
}

async function planRun(context: FleetContext, release: OpenRelease, order: UpgradeOrder): Promise<RunRecord> {
  // A release that a killed Helm has left is recovered first: it is what the run returns to.
  await recoverRelease(release, { setValues: order.setValues });
  const { plan, leftAlone } = await planOrder(context, release, order);
  for (const { node, why } of leftAlone) context.emit(node.name)({ kind: 'node.left-alone', reason: why });
  if (plan.nodes.length > 0) return await createRun(context, plan);
  // Without a node there is nothing to record, and Helm makes no revision.
  const state = { stage: 'ended', outcome: 'succeeded', isStopRequested: false } as const;
  return { plan, state, evidence: {} };
}

export function unfinished({ installation }: FleetContext, { plan }: RunRecord): KataError {
  return new KataError('KATA_LIFECYCLE_UNFINISHED', `run ${plan.id} has not ended`, {
    exitCode: exitCodes.conflict,
    hint: `finish it: ${resumeCommand(installation, plan)}; or end it: ${lifecycleCommand(installation, 'stop', plan.id)}`,
    details: { run: plan.id },
  });
}
