/** Installs a payload, or one part of it. */
import {
  noteVerifiedFiles,
  type Payload,
  type PlanFilesOptions,
  planRelease,
  type ReleasePlan,
  VerifiedFiles,
} from '@kata/artifacts';
import type { Applied } from '../apply/apply-plan.ts';
import { retryWithNewPlan } from '../apply/retry-with-new-plan.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { compareWith } from '../facts/read-facts.ts';
import { admitPlan, asAdmitted } from '../plan/admit-plan.ts';
import { findRetainedHandlers } from '../plan/retained-handlers.ts';
import { adoptedRecord } from '../plan/plan-adoption.ts';
import { planInstall, handlersToServe } from '../plan/plan-install.ts';
import { installStage, type InstallStage } from '../plan/stages.ts';
import { wantedHandlers } from '../plan/wanted-files.ts';
import { type MadeRelease, type WantedRelease, wantedRelease } from '../plan/wanted-release.ts';
import type { Plan } from '../state/actions.ts';
import { deleteUnknownDecision } from '../state/unknown-decision.ts';
import { checkSpace } from './check-space.ts';
import { droppedHandlers, type Installed } from './installed.ts';
import { runOnSite } from './run-on-site.ts';
import type { Site } from './site.ts';

export interface InstallOptions {
  /** Compares every file of the active release, too, by digest first, and writes it again when one is damaged; otherwise by metadata only. */
  readonly repairs?: boolean | undefined;
  /** Restarts the engine also for a change with which it did not start before. */
  readonly retries?: boolean | undefined;
}

/** The release that a payload would become, and the plan for it. */
interface Preparation {
  readonly wanted: WantedRelease & { readonly writing: ReleasePlan };
  readonly facts: NodeFacts;
  readonly plan: Plan;
}

export async function prepareInstall(
  site: Site,
  payload: Payload,
  { repairs }: InstallOptions = {},
): Promise<Preparation> {
  const { store, settings } = site;
  // Read once: retained handlers and the plan must be for the same state of the node.
  const seen = await site.readFacts();
  const retained = findRetainedHandlers(settings, seen);
  const settled = await site.settledRelease(payload);
  const made = await wantedRelease(store, settings, settled, retained);
  // A release may have lain in the store for long: before it becomes active, its files are read, as for a rollback.
  const isActive = seen.record?.current === made.id;
  const depth = repairs === true || !isActive ? 'full' : 'metadata';
  const compared = await compareWith(site.probe, seen, made, depth);
  const writing = await planRelease(store, made.manifest, made.contents, {
    coming: compared.upstream?.tree,
    check: await checkOf(site, made, compared, repairs),
  });
  const wanted = { ...made, writing };
  const { plan, facts } = await admitPlan(site.engine, compared, {
    plan: (known) => planInstall(settings, wanted, known),
    handlers: handlersToServe(settings, wanted),
  });
  if (plan.actions.some(({ kind }) => kind === 'release.write'))
    await checkSpace(site.host, settings.prefix, writing);
  return { wanted, facts, plan };
}

/** Undefined where nothing is written: the check takes long. A repair, and a release that is damaged, trust no note. */
async function checkOf(
  { host }: Site,
  { id }: MadeRelease,
  { releases, damaged }: NodeFacts,
  repairs = false,
): Promise<PlanFilesOptions['check']> {
  if (releases.has(id)) return undefined;
  return { verified: repairs || damaged.has(id) ? undefined : await VerifiedFiles.read(host) };
}

export async function install(site: Site, payload: Payload, options: InstallOptions): Promise<Installed> {
  const { settings } = site;
  return await retryWithNewPlan(async () => {
    const prepared = await prepareInstall(site, payload, options);
    const { wanted, facts, plan } = prepared;
    const { after, restartedKubelet } = await applyInstall(site, payload, prepared, {
      retries: options.retries,
    });
    await site.expectConverged(planInstall(settings, wanted, after), plan, after, 'install');
    await deleteUnknownDecision(site.host, settings.prefix);
    await noteVerifiedFiles(site.host, settings.prefix, site.filesOfRun);
    const { version } = payload.manifest;
    const handlers = wantedHandlers(settings);
    const dropped = droppedHandlers(adoptedRecord(settings.prefix, facts), handlers);
    return { release: wanted.id, version, handlers, dropped, plan, restartedKubelet, after };
  });
}

/** One stage of an installation; see `installStage`. Returns the plan that was applied. */
export async function installOneStage(site: Site, payload: Payload, stage: InstallStage): Promise<Plan> {
  return await retryWithNewPlan(async () => {
    const prepared = await prepareInstall(site, payload);
    const plan = stageOf(prepared, stage);
    const leaveJournalOpen = stage === 'artifacts';
    const { after } = await applyInstall(site, payload, { ...prepared, plan }, { leaveJournalOpen });
    const left = planInstall(site.settings, prepared.wanted, after);
    const leftOfStage = leaveJournalOpen ? installStage(left, stage, false) : left;
    await site.expectConverged(leftOfStage, plan, after, 'install');
    return plan;
  });
}

export function stageOf({ plan, facts: { goal }, wanted }: Preparation, stage: InstallStage): Plan {
  return installStage(plan, stage, goal?.command === 'install' && goal.release === wanted.id);
}

/** `after`: the facts after the run, for the engine version and the sandboxes of the plan. */
async function applyInstall(
  site: Site,
  payload: Payload,
  { wanted, facts, plan }: Preparation,
  more: { readonly retries?: boolean | undefined; readonly leaveJournalOpen?: boolean },
): Promise<Applied & { readonly after: NodeFacts }> {
  const watch = site.watch(facts);
  const { restartedKubelet } = await runOnSite(site, {
    plan,
    facts,
    watch,
    goal: { command: 'install', release: wanted.id },
    handlers: handlersToServe(site.settings, wanted),
    source: { payload, plan: wanted.writing },
    ...more,
  });
  await site.makeReserve();
  // After a run that changed and resumed nothing, the facts are still valid.
  if (plan.actions.length === 0 && facts.unfinished === undefined) {
    return { restartedKubelet, after: watch.withAll(facts) };
  }
  const now = await asAdmitted(site.engine, { plan, facts }, await site.readFacts(wanted));
  return { restartedKubelet, after: watch.withAll(now) };
}
