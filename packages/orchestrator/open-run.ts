/** Opens the run that an upgrade asks for: an interrupted one with the same target and its parameters, or a new one. */
import { exitCodes, KataError } from '@kata/core';
import { lifecycleCommand, resumeCommand } from './command-text.ts';
import type { FleetContext } from './context.ts';
import { differingParameters } from './differing-parameters.ts';
import { recoverRelease } from './helm/index.ts';
import { planOrder, type UpgradeOrder } from './plan-order.ts';
import type { OpenRelease } from './release-control.ts';
import { findOpenRun } from './list-runs.ts';
import { createRun, moveRun, replacePlan, type RunRecord } from './run-record.ts';
import { findRunValues } from './run-values.ts';

/** @throws KataError `KATA_LIFECYCLE_UNFINISHED`: a run with another target has not ended, and a user has to decide. */
export async function openRun(
  context: FleetContext,
  release: OpenRelease,
  order: UpgradeOrder,
): Promise<RunRecord> {
  const open = await findOpenRun(context);
  // It has changed nothing yet: what is ordered now counts.
  const isPlanned = open?.plan.intent === 'upgrade' && open.state.stage === 'planned';
  const resumed = isPlanned ? undefined : open;
  if (resumed !== undefined && resumed.plan.helm?.version !== order.version)
    throw unfinished(context, resumed);
  const record = resumed ?? (await planRun(context, release, { ...order, planned: open?.plan.id }));
  const { id: run, nodes } = record.plan;
  const names = nodes.map(({ name }) => name);
  const emit = context.emit();
  emit({ kind: 'run.started', run, nodes: names, isResumed: resumed !== undefined });
  if (resumed !== undefined) {
    const parameters = differingParameters(resumed.plan, await findRunValues(context, run), order);
    if (parameters.length > 0) emit({ kind: 'run.keeps-parameters', run, parameters });
  }
  return record;
}

/** `planned`: the run of this id is planned anew. */
async function planRun(
  context: FleetContext,
  release: OpenRelease,
  { planned, ...order }: UpgradeOrder & { readonly planned: string | undefined },
): Promise<RunRecord> {
  // A release that a killed Helm has left is recovered first: it is what the run returns to.
  await recoverRelease(release, { setValues: order.setValues });
  const { plan, values, leftAlone } = await planOrder(context, release, order);
  for (const { node, why } of leftAlone) context.emit(node.name)({ kind: 'node.left-alone', reason: why });
  if (plan.nodes.length > 0) {
    return planned === undefined
      ? await createRun(context, plan, values)
      : await replacePlan(context, planned, { plan, values });
  }
  // Without a node there is nothing to record, and Helm makes no revision.
  if (planned !== undefined) await moveRun(context, planned, 'ended', 'stopped');
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
