/** What an upgrade would do: the same checks that it begins with, and nothing else. */
import type { FleetContext } from './context.ts';
import { readFleetFacts } from './fleet-facts.ts';
import type { UpgradePreview } from './format-upgrade-plan.ts';
import { planOrder, type UpgradeOrder } from './plan-order.ts';
import { openRelease } from './release-control.ts';
import { summaryOf } from './run-history.ts';

export async function previewUpgrade(context: FleetContext, order: UpgradeOrder): Promise<UpgradePreview> {
  await using release = await openRelease(context, order.helm);
  const planned = await planOrder(context, release, order);
  const facts = await readFleetFacts(context);
  const open = facts.runs.findLast(({ state }) => state.stage !== 'ended');
  return { ...planned, open: open === undefined ? null : summaryOf(open, facts) };
}
