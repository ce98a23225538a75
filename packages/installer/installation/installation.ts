/**
 * One installation on one node: reads facts, plans, applies, verifies.
 *
 * Room `installation`: the entry point. Each command is one file on top of `Site`, which all share: remove left-overs, read
 * facts, plan, apply, check. It imports every room; no other room imports it.
 */
import type { Payload } from '@kata/artifacts';
import { recover, type Recovery } from '../apply/recover.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { readReleaseFacts, type ReleaseFacts } from '../facts/release-facts.ts';
import { measureReleases, type ReleaseUsage } from '../facts/release-usage.ts';
import type { RunningSandbox, SandboxView } from '../facts/sandboxes.ts';
import { admitPlan } from '../plan/admit-plan.ts';
import { planPrune } from '../plan/plan-prune.ts';
import type { TargetOptions } from '../plan/rollback-target.ts';
import type { InstallStage, RemovalStage } from '../plan/stages.ts';
import type { MadeRelease } from '../plan/wanted-release.ts';
import type { Plan } from '../state/actions.ts';
import { emptyRecord } from '../state/record.ts';
import { install, installOneStage, type InstallOptions, prepareInstall, stageOf } from './install.ts';
import type { Installed } from './installed.ts';
import type { FreedRelease } from './releases-of-run.ts';
import { prepareRemoval, type Removal, remove } from './removal.ts';
import { findRollbackRelease, prepareRollback, prune, rollback, type RollbackOptions } from './rollback.ts';
import { type InstallationOptions, Site } from './site.ts';

export class Installation {
  readonly #site: Site;

  constructor(options: InstallationOptions) {
    this.#site = new Site(options);
  }

  async readFacts(wanted?: MadeRelease): Promise<NodeFacts> {
    return await this.#site.readFacts(wanted);
  }

  /** The facts for the approval gate; queries the engine only when the record is missing or a run is unfinished. */
  async readReleaseFacts(): Promise<ReleaseFacts> {
    return await readReleaseFacts(this.#site.probe);
  }

  /** The id of the release that a payload becomes, the same on every node with these settings. */
  async offeredRelease(payload: Payload): Promise<string> {
    return (await this.#site.settledRelease(payload)).manifest.id;
  }

  /** For read-only commands, also while the engine does not answer. */
  async readKnownFacts(): Promise<NodeFacts> {
    return await this.#site.readKnownFacts();
  }

  /** Sandboxes of this installation: of its recorded and wanted handlers, and those in the engine's files (`found`). */
  async readSandboxes(found?: readonly string[]): Promise<SandboxView> {
    return await this.#site.readSandboxes(found);
  }

  async planInstall(payload: Payload, options: InstallOptions = {}): Promise<Plan> {
    await this.#site.checkPrefix('run');
    return (await prepareInstall(this.#site, payload, options)).plan;
  }

  /** @throws KataError `KATA_INSTALLER_VERIFY` when a second plan is not empty. */
  async install(payload: Payload, options: InstallOptions = {}): Promise<Installed> {
    await this.#site.prepare('run');
    return await install(this.#site, payload, options);
  }

  async planInstallStage(payload: Payload, stage: InstallStage): Promise<Plan> {
    await this.#site.checkPrefix('run');
    return stageOf(await prepareInstall(this.#site, payload), stage);
  }

  /** Returns the plan that was applied. */
  async installStage(payload: Payload, stage: InstallStage): Promise<Plan> {
    await this.#site.prepare('run');
    return await installOneStage(this.#site, payload, stage);
  }

  /** `target`: an id or a version; undefined: the recorded previous release. `facts`: left out, they are read. */
  async planRollback(target?: string, options: TargetOptions = {}, facts?: NodeFacts): Promise<Plan> {
    await this.#site.checkPrefix('run');
    return (await prepareRollback(this.#site, target, options, facts)).plan;
  }

  /** @throws KataError `KATA_ROLLBACK_NONE`, `KATA_ROLLBACK_DAMAGED`, `KATA_INSTALLER_VERIFY`. */
  async rollback(target?: string, options: RollbackOptions = {}): Promise<Installed> {
    return await rollback(this.#site, target, options);
  }

  /** The release that a rollback would go to. */
  async findRollbackRelease(target?: string): Promise<string> {
    return await findRollbackRelease(this.#site, target);
  }

  async listReleases(): Promise<readonly ReleaseUsage[]> {
    return await measureReleases(this.#site.store, await this.readKnownFacts());
  }

  async planPrune(): Promise<Plan> {
    return planPrune(await this.readKnownFacts());
  }

  /** Removes unused releases; returns the plan that was applied. */
  async prune(): Promise<Plan> {
    return await prune(this.#site);
  }

  async planRemoval(stage?: RemovalStage): Promise<Removal> {
    return await prepareRemoval(this.#site, stage);
  }

  /** Applies the plan, unless sandboxes must end first; returns those. */
  async remove(removal: Removal): Promise<readonly RunningSandbox[]> {
    return await remove(this.#site, removal);
  }

  /** Releases that were removed, with the bytes that were freed. */
  get freed(): readonly FreedRelease[] {
    return this.#site.freed;
  }

  /** A restart without changes of ours: it activates foreign changes, so it is checked, too. */
  async planRestart(): Promise<Plan> {
    const seen = await this.readFacts();
    const { plan } = await admitPlan(this.#site.engine, seen, {
      plan: ({ engine: { unit } }) => ({
        actions: [{ kind: 'engine.restart', unit, reasons: ['it was requested'] }],
        notes: [],
        onFailure: 'finish later',
      }),
      handlers: seen.record?.handlers ?? seen.engine.found,
    });
    return plan;
  }

  /** Resolves when the engine is running again and serves the recorded handlers. */
  async restartEngine(): Promise<void> {
    await this.planRestart();
    const { record } = await this.readFacts();
    await this.#site.engine.restart((record ?? emptyRecord).handlers, []);
  }

  /** Repairs a damaged or lost record or journal; see `recover`. */
  async recover(): Promise<Recovery> {
    return await recover(this.#site);
  }
}
