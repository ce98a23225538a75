/** Switches to a release in the store, and removes unused ones. */
import { retryWithNewPlan } from '../apply/retry-with-new-plan.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { handlersOfRelease } from '../facts/handlers-of-release.ts';
import { admitPlan, asAdmitted } from '../plan/admit-plan.ts';
import { planPrune } from '../plan/plan-prune.ts';
import { planRollback, type RollbackTarget } from '../plan/plan-rollback.ts';
import { checkRelease, readRollbackTarget, type TargetOptions } from '../plan/rollback-target.ts';
import type { Plan } from '../state/actions.ts';
import { holdOn } from '../state/hold.ts';
import { emptyRecord, readRecord } from '../state/record.ts';
import { withReserve } from '../state/reserve.ts';
import { compareRelease } from '../verification/compare-release.ts';
import { droppedHandlers, type Installed } from './installed.ts';
import { runOnSite } from './run-on-site.ts';
import type { Site } from './site.ts';

export interface RollbackOptions extends TargetOptions {
  /** Holds the node on that release, see `Hold`; left out: when it is held already. */
  readonly holds?: boolean | undefined;
}

interface Preparation {
  readonly target: RollbackTarget;
  readonly facts: NodeFacts;
  readonly plan: Plan;
}

/** `known`: left out, the facts are read. */
export async function prepareRollback(
  site: Site,
  wanted: string | undefined,
  options: TargetOptions = {},
  known?: NodeFacts,
): Promise<Preparation> {
  const seen = known ?? (await site.readFacts());
  const target = await readRollbackTarget(site.store, seen, wanted, options);
  const { handlers, retained, engine } = target;
  const admitted = await admitPlan(site.engine, seen, {
    plan: (facts) => planRollback(site.settings.prefix, target, facts),
    handlers: [...handlers, ...retained],
    told: engine,
  });
  return { target, ...admitted };
}

/** The release that a rollback would go to. */
export async function findRollbackRelease(site: Site, target?: string): Promise<string> {
  return (await readRollbackTarget(site.store, await site.readFacts(), target)).id;
}

export async function rollback(
  site: Site,
  target: string | undefined,
  options: RollbackOptions,
): Promise<Installed> {
  const { host, settings } = site;
  const { prefix } = settings;
  const done = await withReserve(host, prefix, async () => {
    await site.prepare('run');
    const before = (await readRecord(host, prefix)) ?? emptyRecord;
    const switchTo = async (release: string | undefined): Promise<Installed> =>
      await retryWithNewPlan(async () => await switchRelease(site, release, options));
    if (!(options.holds ?? before.hold !== undefined)) return await switchTo(target);
    // The target of a rollback that was killed before its first step.
    const begun = before.hold?.release === before.current ? undefined : before.hold?.release;
    const release = await findRollbackRelease(site, target ?? begun);
    return await holdOn(host, prefix, release, async () => await switchTo(release));
  });
  await site.makeReserve();
  return done;
}

async function switchRelease(
  site: Site,
  wanted: string | undefined,
  options: TargetOptions,
): Promise<Installed> {
  const { target, facts, plan } = await prepareRollback(site, wanted, options);
  const { id, version, handlers, retained, engine: told } = target;
  const watch = site.watch(facts);
  if (plan.actions.length > 0) {
    await compareRelease(site.options.emit, id, async (onProgress) => {
      await checkRelease(site.store, facts, id, { depth: 'full', onProgress });
    });
  }
  const { restartedKubelet } = await runOnSite(site, {
    plan,
    facts,
    watch,
    goal: { command: 'rollback', release: id },
    handlers: [...handlers, ...retained],
    ownHandlers: handlers,
    told,
  });
  const now = watch.withAll(await asAdmitted(site.engine, { plan, facts }, await site.readFacts()));
  // With the sandboxes of the plan, which files were retained for.
  const same = await readRollbackTarget(site.store, { ...now, sandboxes: facts.sandboxes }, id, options);
  await site.expectConverged(planRollback(site.settings.prefix, same, now), plan, now, 'rollback');
  const dropped = droppedHandlers(facts.record, handlers);
  return { release: id, version, handlers, dropped, plan, restartedKubelet, after: now };
}

/** Removes unused releases; returns the plan that was applied. */
export async function prune(site: Site): Promise<Plan> {
  const plan = await withReserve(site.host, site.settings.prefix, async () => {
    await site.prepare('write');
    const facts = await site.readKnownFacts();
    const { handlers, current, engine: told } = facts.record ?? emptyRecord;
    const manifest = facts.releases.get(current ?? '');
    const ownHandlers =
      manifest === undefined ? handlers : (handlersOfRelease(manifest, facts.record) ?? handlers);
    const unused = planPrune(facts);
    const watch = site.watch(facts);
    const goal = { command: 'prune' } as const;
    await runOnSite(site, { plan: unused, facts, watch, goal, handlers, ownHandlers, told });
    return unused;
  });
  await site.makeReserve();
  return plan;
}
