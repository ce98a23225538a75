/** Removes an installation, unless sandboxes still need it. */
import { deleteVerifiedFiles } from '@kata/artifacts';
import { retryWithNewPlan } from '../apply/retry-with-new-plan.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { isPodsStarted } from '../facts/sandbox-watch.ts';
import type { RunningSandbox } from '../facts/sandboxes.ts';
import { admitPlan } from '../plan/admit-plan.ts';
import { planRemoval, type RemovalPlan } from '../plan/plan-removal.ts';
import { removalStage, type RemovalStage } from '../plan/stages.ts';
import { removeRunLeftovers } from '../state/create-and-remove.ts';
import { releaseReserve } from '../state/reserve.ts';
import { runOnSite } from './run-on-site.ts';
import type { Site } from './site.ts';

export interface Removal {
  /** Undefined: all stages. */
  readonly stage: RemovalStage | undefined;
  readonly facts: NodeFacts;
  readonly plan: RemovalPlan;
}

export async function prepareRemoval(site: Site, stage?: RemovalStage): Promise<Removal> {
  await site.checkPrefix('write');
  const { facts, plan } = await admitPlan(site.engine, await site.readKnownFacts(), {
    plan: (known) => planRemoval(site.settings.prefix, known),
    handlers: [],
  });
  return { facts, plan: stage === undefined ? plan : removalStage(plan, stage), stage };
}

/** Applies the plan, unless sandboxes must end first; returns those. */
export async function remove(site: Site, removal: Removal): Promise<readonly RunningSandbox[]> {
  let planned: Removal | undefined = removal;
  return await retryWithNewPlan(async () => {
    const next = planned ?? (await prepareRemoval(site, removal.stage));
    planned = undefined;
    return await removeAsPlanned(site, next);
  });
}

async function removeAsPlanned(
  site: Site,
  { plan, facts, stage }: Removal,
): Promise<readonly RunningSandbox[]> {
  const { host, settings } = site;
  const isFree = plan.waitingFor.length === 0 && plan.blocked === undefined;
  const canRemove = isFree && facts.record !== undefined;
  // The reserve is not needed any more; the removal needs its space.
  if (canRemove) {
    await releaseReserve(host, settings.prefix);
    await site.restoreRecord();
  }
  await removeRunLeftovers(host, settings.prefix);
  if (plan.waitingFor.length > 0) return facts.sandboxView.running;
  if (!canRemove) return [];
  const watch = site.watch(facts);
  const goal = { command: 'remove' } as const;
  const leaveJournalOpen = stage === 'revert-cri';
  try {
    await runOnSite(site, { plan, facts, watch, goal, handlers: [], leaveJournalOpen });
    await deleteVerifiedFiles(host, settings.prefix);
    return [];
  } catch (error) {
    if (!isPodsStarted(error)) throw error;
    await site.makeReserve();
    return watch.seen();
  }
}
