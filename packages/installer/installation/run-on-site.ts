/** Applies a plan to an installation. */
import { type Applied, applyPlan } from '../apply/apply-plan.ts';
import type { RunOptions } from '../apply/run.ts';
import { engineEntry } from '../engine/engine-settings.ts';
import type { NodeFacts } from '../facts/facts.ts';
import type { SandboxWatch } from '../facts/sandbox-watch.ts';
import type { Plan } from '../state/actions.ts';
import { ReleasesOfRun, type ReleasesOptions } from './releases-of-run.ts';
import type { Site } from './site.ts';

/** See `RunOptions`. */
export interface SiteRun
  extends
    Pick<RunOptions, 'goal' | 'handlers' | 'leaveJournalOpen'>,
    Partial<Pick<RunOptions, 'ownHandlers' | 'told'>> {
  readonly plan: Plan;
  /** The facts that the plan was made from. */
  readonly facts: NodeFacts;
  readonly watch: SandboxWatch;
  readonly source?: ReleasesOptions['source'];
  readonly retries?: boolean | undefined;
}

export async function runOnSite(site: Site, run: SiteRun): Promise<Applied> {
  const { host, settings, engine, store } = site;
  const { signal, emit } = site.options;
  const { plan, facts, goal, handlers, ownHandlers = handlers, told, watch, source } = run;
  return await applyPlan(plan, {
    host,
    prefix: settings.prefix,
    facts,
    goal,
    handlers,
    ownHandlers,
    told,
    engineEntry: handlers.length === 0 ? undefined : (told ?? engineEntry(settings)),
    ...(run.leaveJournalOpen === undefined ? {} : { leaveJournalOpen: run.leaveJournalOpen }),
    signal,
    engine,
    releases: new ReleasesOfRun({
      store,
      source,
      upstream: facts.upstream,
      freed: site.freed,
      filesOfRun: site.filesOfRun,
    }),
    watch,
    failedStart: site.failedStart(facts, goal, run.retries),
    emit,
  });
}
