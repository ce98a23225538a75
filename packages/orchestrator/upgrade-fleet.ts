/** A whole upgrade by one process: the Lease, the plan or an interrupted run, Helm, and the nodes. */
import { lifecycleCommand } from './command-text.ts';
import type { FleetContext } from './context.ts';
import { executeRun } from './execute-run.ts';
import { guardWrites } from './guard-writes.ts';
import { holdLease } from './hold-lease.ts';
import { openRun } from './open-run.ts';
import type { UpgradeOrder } from './plan-order.ts';
import { openRelease, releaseControl } from './release-control.ts';
import type { RunPlan } from './run-record.ts';
import { type Outcome, RunStages } from './run-stages.ts';

export async function upgradeFleet(
  context: FleetContext,
  order: UpgradeOrder & { readonly isForced: boolean },
): Promise<{ readonly outcome: Outcome; readonly plan: RunPlan }> {
  await using lease = await holdLease(context, order);
  await using release = await openRelease(context, order.helm);
  const record = await openRun(guardWrites(context, lease), release, order);
  const { plan } = record;
  if (plan.nodes.length === 0) return { outcome: 'succeeded', plan };
  const control = releaseControl(context, release, plan);
  const outcome = await executeRun(new RunStages(context, record, lease), control);
  context.emit()({ kind: 'run.ended', run: plan.id, outcome });
  return { outcome, plan };
}

export function describeUpgrade(
  { installation }: Pick<FleetContext, 'installation'>,
  { id, nodes }: RunPlan,
  outcome: Outcome,
): string {
  if (nodes.length === 0) return 'no node matches: nothing was changed';
  const next = `\n  next: ${lifecycleCommand(installation, 'status')}`;
  return `run ${id}: ${outcome}${outcome === 'succeeded' ? '' : next}`;
}
