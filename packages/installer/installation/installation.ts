/** One installation on one node: reads facts, plans, applies, verifies. */
import {
  checkSpace,
  type EngineWishes,
  type Payload,
  planRelease,
  type ReleasePlan,
  releaseDirectory,
  removeLeftovers,
  removeRelease,
  type Store,
  writeRelease,
} from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { Host } from '@kata/host';
import { type Plan, restartsEngine } from '../state/actions.ts';
import { admitPlan, asAdmitted } from '../plan/admit-plan.ts';
import { adoptTree } from '../adoption/adopt-tree.ts';
import { findCarried } from '../plan/carried-handlers.ts';
import { adoptedRecord } from '../plan/plan-adoption.ts';
import { sweep } from '../state/appearance.ts';
import { type ApplyContext, applyPlan, type InstallerEvent } from '../apply/apply.ts';
import { checkPrefix, type PrefixUse } from './check-prefix.ts';
import { directoriesOfOthers } from '../engine/directories-of-others.ts';
import { type EngineClient, engineEntry, EngineSession } from '../engine/engine-session.ts';
import { isFileChanged } from '../engine/engine-files.ts';
import { engineSteps } from '../apply/engine-steps.ts';
import { FailedStart } from '../apply/failed-start.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { type HandlerEntry, emptyRecord, type OwnershipRecord, readRecord } from '../state/record.ts';
import { handlersOfRelease } from '../facts/handlers-of-release.ts';
import { holdOn } from '../state/hold.ts';
import type { Goal } from '../state/journal.ts';
import { checkNothingIsLeft } from '../plan/check-nothing-is-left.ts';
import { planAnew } from '../apply/plan-anew.ts';
import { planInstall, servedHandlers } from '../plan/plan-install.ts';
import { planPrune } from '../plan/plan-prune.ts';
import { planRemoval, type RemovalPlan } from '../plan/plan-removal.ts';
import { planRollback, type RollbackTarget } from '../plan/plan-rollback.ts';
import { compareWith, type FactsProbe, readFacts, readKnownFacts } from '../facts/read-facts.ts';
import { recover, type Recovery, restoreRecord } from '../apply/recover.ts';
import { measureReleases, measureTree, type ReleaseUsage } from '../facts/release-usage.ts';
import { giveUpReserve, makeReserve, usualReserveBytes, withReserve } from '../state/reserve.ts';
import { checkRelease, readRollbackTarget, type TargetOptions } from '../plan/rollback-target.ts';
import { isPodsStarted, SandboxWatch } from '../facts/sandbox-watch.ts';
import {
  type AskSandboxes,
  handlersOfOurFiles,
  lookAtSandboxes,
  type RunningSandbox,
  type SandboxView,
} from '../facts/sandboxes.ts';
import type { Settings } from '@kata/settings';
import { installStage, type InstallStage, removalStage, type RemovalStage } from '../plan/stages.ts';
import { wantedHandlers } from '../plan/wanted-files.ts';
import { removeUnfinished } from '../facts/unfinished-files.ts';
import { forgetUndecided } from '../state/undecided.ts';
import { type MadeRelease, type WantedRelease, wantedRelease } from '../plan/wanted-release.ts';

export interface InstallationOptions {
  readonly host: Host;
  readonly settings: Settings;
  readonly engine: EngineClient;
  /** Whoever lists the node's sandboxes; left out: by their traces on the node. */
  readonly sandboxes?: AskSandboxes;
  readonly emit: (event: InstallerEvent) => void;
  /** When aborted, what goes on ends after its present step; the next run finishes it. */
  readonly signal?: AbortSignal;
  /** See `makeReserve`. */
  readonly reserveBytes?: number;
  /** See `FailedStartOptions`. */
  readonly attempt?: string | undefined;
}

export interface Installed {
  readonly release: string;
  readonly version: string;
  readonly handlers: readonly HandlerEntry[];
  /** Handlers that an earlier run served and this one does not. */
  readonly dropped: readonly HandlerEntry[];
  readonly plan: Plan;
}

export interface InstallOptions {
  /** Reads every file of the release first, and writes it anew when one went bad. Otherwise only what can be seen at a glance counts. */
  readonly repairs?: boolean | undefined;
  /** Restarts the engine also for what it did not accept before. */
  readonly retries?: boolean | undefined;
}

/** What the removal of a release gave back to the disk. */
export interface FreedRelease {
  readonly release: string;
  readonly bytes: number;
}

export interface RollbackOptions extends TargetOptions {
  /** Keeps the node there, see `Hold`; left out: where it is kept already. */
  readonly holds?: boolean | undefined;
}

export interface Removal {
  /** Undefined: all of it. */
  readonly stage: RemovalStage | undefined;
  readonly facts: NodeFacts;
  readonly plan: RemovalPlan;
}

/** What a payload would become, and how. */
interface Preparation {
  readonly wanted: WantedRelease & { readonly writing: ReleasePlan };
  readonly facts: NodeFacts;
  readonly plan: Plan;
}

interface RollbackPreparation {
  readonly target: RollbackTarget;
  readonly facts: NodeFacts;
  readonly plan: Plan;
}

export class Installation {
  readonly #options: InstallationOptions;
  readonly #host: Host;
  readonly #settings: Settings;
  readonly #engine: EngineSession;
  readonly #store: Store;
  readonly #freed: FreedRelease[] = [];

  constructor(options: InstallationOptions) {
    this.#options = options;
    this.#host = options.host;
    this.#settings = options.settings;
    this.#engine = new EngineSession(options.host, options.engine, options.settings, {
      signal: options.signal,
      onWait: (unit, active) => options.emit({ kind: 'engine.awaited', unit, active }),
    });
    this.#store = { files: options.host.files, prefix: options.settings.prefix };
  }

  async readFacts(wanted?: MadeRelease): Promise<NodeFacts> {
    return await readFacts(this.#probe(), wanted);
  }

  /** For those who only look, also while the engine does not answer. */
  async readKnownFacts(): Promise<NodeFacts> {
    return await readKnownFacts(this.#probe());
  }

  #probe(): FactsProbe {
    const sandboxes: FactsProbe['sandboxes'] = async (found) => await this.lookAtSandboxes(found);
    return { host: this.#host, store: this.#store, engine: this.#engine, sandboxes };
  }

  async planInstall(payload: Payload, options: InstallOptions = {}): Promise<Plan> {
    await this.#checkPrefix('run');
    return (await this.#prepare(payload, options)).plan;
  }

  /** @throws KataError `KATA_INSTALLER_VERIFY` when a second plan is not empty. */
  async install(payload: Payload, options: InstallOptions = {}): Promise<Installed> {
    await this.#tidy('run');
    return await planAnew(async () => {
      const prepared = await this.#prepare(payload, options);
      const { wanted, facts, plan } = prepared;
      const { prefix } = this.#settings;
      const watch = this.#watch(facts);
      await applyPlan(plan, this.#installContext(prepared, payload, watch, options.retries));
      await this.#makeReserve();
      const after = watch.withAll(await asAdmitted(this.#engine, prepared, await this.readFacts(wanted)));
      await this.#expectNothingLeft(planInstall(this.#settings, wanted, after), plan, after, 'install');
      await forgetUndecided(this.#host, prefix);
      const before = adoptedRecord(prefix, facts);
      return describeSwitch(
        wanted.id,
        payload.manifest.version,
        wantedHandlers(this.#settings),
        before,
        plan,
      );
    });
  }

  /** One of the parts of an installation that a Job runs one by one; see `installStage`. Returns what it did. */
  async installStage(payload: Payload, stage: InstallStage): Promise<Plan> {
    await this.#tidy('run');
    return await planAnew(async () => {
      const prepared = await this.#prepare(payload);
      const { wanted, facts } = prepared;
      const watch = this.#watch(facts);
      const plan = stageOf(prepared, stage);
      const endsOpen = stage === 'artifacts';
      await applyPlan(plan, { ...this.#installContext(prepared, payload, watch), endsOpen });
      await this.#makeReserve();
      const after = await asAdmitted(this.#engine, { plan, facts }, await this.readFacts(wanted));
      const left = planInstall(this.#settings, wanted, watch.withAll(after));
      const leftOfStage = endsOpen ? installStage(left, stage, false) : left;
      await this.#expectNothingLeft(leftOfStage, plan, after, 'install');
      return plan;
    });
  }

  async planInstallStage(payload: Payload, stage: InstallStage): Promise<Plan> {
    await this.#checkPrefix('run');
    return stageOf(await this.#prepare(payload), stage);
  }

  /** `target`: an id or a version; undefined: the recorded previous release. `facts`: left out, they are read. */
  async planRollback(target?: string, options: TargetOptions = {}, facts?: NodeFacts): Promise<Plan> {
    await this.#checkPrefix('run');
    return (await this.#prepareRollback(target, options, facts)).plan;
  }

  /** @throws KataError `KATA_ROLLBACK_NONE`, `KATA_ROLLBACK_DAMAGED`, `KATA_INSTALLER_VERIFY`. */
  async rollback(target?: string, options: RollbackOptions = {}): Promise<Installed> {
    const { holds } = options;
    const { prefix } = this.#settings;
    const done = await withReserve(this.#host, prefix, async () => {
      await this.#tidy('run');
      const before = (await readRecord(this.#host, prefix)) ?? emptyRecord;
      if (!(holds ?? before.hold !== undefined)) return await this.#switchTo(target, options);
      // Of a run that was killed before its first step.
      const begun = before.hold?.release === before.current ? undefined : before.hold?.release;
      const release = await this.findRollbackRelease(target ?? begun);
      return await holdOn(this.#host, prefix, release, async () => await this.#switchTo(release, options));
    });
    await this.#makeReserve();
    return done;
  }

  async #switchTo(target: string | undefined, options: TargetOptions): Promise<Installed> {
    return await planAnew(
      async () => await this.#rollBack(await this.#prepareRollback(target, options), options),
    );
  }

  async #rollBack({ target, facts, plan }: RollbackPreparation, options: TargetOptions): Promise<Installed> {
    const { id, handlers, kept, engine } = target;
    const watch = this.#watch(facts);
    if (plan.actions.length > 0) {
      await checkRelease(this.#store, id, 'content', (progress) => {
        this.#options.emit({ kind: 'files.compared', release: id, ...progress });
      });
    }
    const goal: Goal = { command: 'rollback', release: id };
    const all = [...handlers, ...kept];
    await applyPlan(plan, { ...this.#applyContext(facts, goal, all, watch, engine), ownHandlers: handlers });
    const now = watch.withAll(await asAdmitted(this.#engine, { plan, facts }, await this.readFacts()));
    // What was kept is judged by the sandboxes that it was kept for.
    const same = await readRollbackTarget(this.#store, { ...now, sandboxes: facts.sandboxes }, id, options);
    await this.#expectNothingLeft(planRollback(this.#settings.prefix, same, now), plan, now, 'rollback');
    return describeSwitch(id, target.version, handlers, facts.record, plan);
  }

  /** The release that a rollback would go to. */
  async findRollbackRelease(target?: string): Promise<string> {
    return (await readRollbackTarget(this.#store, await this.readFacts(), target)).id;
  }

  async listReleases(): Promise<readonly ReleaseUsage[]> {
    return await measureReleases(this.#store, await this.readKnownFacts());
  }

  async planPrune(): Promise<Plan> {
    return planPrune(await this.readKnownFacts());
  }

  /** Removes the releases that nobody needs; returns what it did. */
  async prune(): Promise<Plan> {
    const plan = await withReserve(this.#host, this.#settings.prefix, async () => await this.#prune());
    await this.#makeReserve();
    return plan;
  }

  async #prune(): Promise<Plan> {
    await this.#tidy('write');
    const facts = await this.readKnownFacts();
    const plan = planPrune(facts);
    const { handlers, current } = facts.record ?? emptyRecord;
    const manifest = facts.releases.get(current ?? '');
    const ownHandlers =
      manifest === undefined ? handlers : (handlersOfRelease(manifest, facts.record) ?? handlers);
    const { engine } = facts.record ?? emptyRecord;
    const context = this.#applyContext(facts, { command: 'prune' }, handlers, this.#watch(facts), engine);
    await applyPlan(plan, { ...context, ownHandlers });
    return plan;
  }

  async planRemoval(stage?: RemovalStage): Promise<Removal> {
    await this.#checkPrefix('write');
    const { facts, plan } = await admitPlan(this.#engine, await this.readKnownFacts(), {
      plan: (known) => planRemoval(this.#settings.prefix, known),
      handlers: [],
    });
    return { facts, plan: stage === undefined ? plan : removalStage(plan, stage), stage };
  }

  /** Does what was planned, unless it has to wait for sandboxes; returns those. */
  async remove(removal: Removal): Promise<readonly RunningSandbox[]> {
    let planned: Removal | undefined = removal;
    return await planAnew(async () => {
      const next = planned ?? (await this.planRemoval(removal.stage));
      planned = undefined;
      return await this.#remove(next);
    });
  }

  async #remove({ plan, facts, stage }: Removal): Promise<readonly RunningSandbox[]> {
    const isFree = plan.waitingFor.length === 0 && plan.blocked === undefined;
    const goes = isFree && facts.record !== undefined;
    // All of it goes; a run that cannot finish leaves room for the next.
    if (goes) {
      await giveUpReserve(this.#host, this.#settings.prefix);
      await this.#restoreRecord();
    }
    await sweep(this.#host, this.#settings.prefix);
    if (plan.waitingFor.length > 0) return facts.sandboxView.running;
    if (!goes) return [];
    const endsOpen = stage === 'revert-cri';
    const watch = this.#watch(facts);
    try {
      await applyPlan(plan, { ...this.#applyContext(facts, { command: 'remove' }, [], watch), endsOpen });
      return [];
    } catch (error) {
      if (!isPodsStarted(error)) throw error;
      await this.#makeReserve();
      return watch.seen();
    }
  }

  /** What each release that it removed gave back to the disk. */
  get freed(): readonly FreedRelease[] {
    return this.#freed;
  }

  /** A restart that changes nothing: also such a one brings in force what others changed. */
  async planRestart(): Promise<Plan> {
    const seen = await this.readFacts();
    const { plan } = await admitPlan(this.#engine, seen, {
      plan: ({ engine: { unit } }) => ({
        actions: [{ kind: 'engine.restart', unit, reasons: ['it was asked for'] }],
        notes: [],
        onFailure: 'finish later',
      }),
      handlers: seen.record?.handlers ?? seen.engine.found,
    });
    return plan;
  }

  /** Resolves when the engine runs again and serves what was installed. */
  async restartEngine(): Promise<void> {
    await this.planRestart();
    const { record } = await this.readFacts();
    await this.#engine.restart((record ?? emptyRecord).handlers, []);
  }

  /** Those of this installation: of the handlers that it has, had, or shall have. `found`: see `EngineFacts`. */
  async lookAtSandboxes(found?: readonly string[]): Promise<SandboxView> {
    const { sandboxes } = this.#options;
    if (sandboxes === undefined) return await lookAtSandboxes(this.#host, [], undefined);
    const record = await readRecord(this.#host, this.#settings.prefix);
    const inFiles = found ?? (await this.#findHandlers(record));
    const known = [...(record?.handlers ?? []), ...wantedHandlers(this.#settings)];
    const names = new Set([...known.map(({ name }) => name), ...inFiles]);
    return await lookAtSandboxes(this.#host, [...names], sandboxes);
  }

  /** None where the engine cannot be asked, or its files cannot be read: whoever needs them will say so. */
  async #findHandlers(record: OwnershipRecord | undefined): Promise<readonly string[]> {
    try {
      return handlersOfOurFiles(await this.#engine.readFacts(record ?? emptyRecord));
    } catch (error) {
      if (!(error instanceof KataError)) throw error;
      return [];
    }
  }

  /** The way on where the record or the journal is damaged; see `recover`. */
  async recover(): Promise<Recovery> {
    return await recover({ host: this.#host, store: this.#store, engine: this.#engine });
  }

  async #restoreRecord(): Promise<void> {
    const context = { host: this.#host, store: this.#store, engine: this.#engine };
    const { isRebuilt, record } = await restoreRecord(context);
    if (!isRebuilt) return;
    const { prefix } = this.#settings;
    this.#options.emit({ kind: 'record.rebuilt', prefix, current: record?.current ?? null });
  }

  async #checkPrefix(use: PrefixUse): Promise<void> {
    await checkPrefix(this.#host, this.#settings.prefix, use);
  }

  /** Removes what killed runs left. */
  async #tidy(use: PrefixUse): Promise<void> {
    await this.#checkPrefix(use);
    await this.#restoreRecord();
    await sweep(this.#host, this.#settings.prefix);
    await removeLeftovers(this.#store);
    await removeUnfinished(this.#store);
  }

  async #prepare(payload: Payload, options: InstallOptions = {}): Promise<Preparation> {
    // Once: what is kept for sandboxes, and what is planned, must be for the same node.
    const seen = await this.readFacts();
    const carried = findCarried(this.#settings, seen);
    const made = await wantedRelease(this.#store, this.#settings, payload, carried);
    const compared = await compareWith(this.#probe(), seen, made, depthOf(options));
    const { manifest, contents } = made;
    const wanted = {
      ...made,
      writing: await planRelease(this.#store, manifest, contents, compared.upstream?.tree),
    };
    const { plan, facts } = await admitPlan(this.#engine, compared, {
      plan: (known) => planInstall(this.#settings, wanted, known),
      handlers: servedHandlers(this.#settings, wanted),
    });
    const writes = plan.actions.some(({ kind }) => kind === 'release.write');
    if (writes) await checkSpace(this.#store, wanted.writing);
    return { wanted, facts, plan };
  }

  async #prepareRollback(
    wanted: string | undefined,
    options: TargetOptions = {},
    known?: NodeFacts,
  ): Promise<RollbackPreparation> {
    const seen = known ?? (await this.readFacts());
    const target = await readRollbackTarget(this.#store, seen, wanted, options);
    const { handlers, kept, engine } = target;
    const admitted = await admitPlan(this.#engine, seen, {
      plan: (facts) => planRollback(this.#settings.prefix, target, facts),
      handlers: [...handlers, ...kept],
      told: engine,
    });
    return { target, ...admitted };
  }

  #watch({ sandboxView, engine }: NodeFacts): SandboxWatch {
    return new SandboxWatch(sandboxView, async () => await this.lookAtSandboxes(handlersOfOurFiles(engine)));
  }

  #installContext(
    { wanted, facts }: Preparation,
    payload: Payload,
    watch: SandboxWatch,
    retries?: boolean,
  ): ApplyContext {
    const goal: Goal = { command: 'install', release: wanted.id };
    return {
      ...this.#applyContext(facts, goal, servedHandlers(this.#settings, wanted), watch),
      failedStart: this.#failedStart(facts, goal, retries),
      writeRelease: async () => await this.#writeRelease(wanted.writing, payload),
    };
  }

  #applyContext(
    facts: NodeFacts,
    goal: Goal,
    handlers: readonly HandlerEntry[],
    watch: SandboxWatch,
    told?: EngineWishes,
  ): ApplyContext {
    const { prefix } = this.#settings;
    const { upstream } = facts;
    const begun = adoptedRecord(prefix, facts);
    return {
      ...(handlers.length === 0 ? {} : { engine: told ?? engineEntry(this.#settings) }),
      host: this.#host,
      prefix,
      record: facts.record,
      begun,
      failedStart: this.#failedStart(facts, goal),
      ...engineSteps({ units: this.#host.units, session: this.#engine, facts, begun, handlers, told }),
      adoptRelease: async () => {
        if (upstream?.tree === undefined) throw new TypeError('there is no tree to adopt');
        return await adoptTree(this.#store, upstream.tree, upstream.names);
      },
      isUnfinished: facts.unfinished !== undefined,
      goal,
      handlers,
      ownHandlers: handlers,
      signal: this.#options.signal,
      planned: facts.sandboxes,
      lookAtSandboxes: async () => await watch.look(),
      bootId: facts.bootId,
      named: facts.named,
      directoriesOfOthers: async () => await directoriesOfOthers(this.#host, facts.engine.others),
      writeRelease: async (release) => {
        throw new TypeError(`there is no payload to write release ${release} from`);
      },
      removeRelease: async (id) => await this.#removeRelease(id),
      emit: this.#options.emit,
    };
  }

  /** No retry restarts the engine for what is left then. */
  async #expectNothingLeft(
    left: Plan,
    done: Plan,
    facts: NodeFacts,
    command: Goal['command'],
  ): Promise<void> {
    try {
      checkNothingIsLeft(left, done);
    } catch (error) {
      const isEnd = restartsEngine(left) && !isFileChanged(error);
      if (isEnd) await this.#failedStart(facts, { command }).note(left, error);
      throw error;
    }
  }

  #failedStart({ engine }: NodeFacts, { command }: Pick<Goal, 'command'>, retries = false): FailedStart {
    const { host, attempt } = this.#options;
    return new FailedStart({ host, prefix: this.#settings.prefix, engine, command, attempt, retries });
  }

  /** What other releases have, too, stays on the disk until the last of them goes. */
  async #removeRelease(release: string): Promise<string> {
    const { ownBytes: bytes } = await measureTree(this.#store.files, releaseDirectory(this.#store, release));
    await removeRelease(this.#store, release);
    this.#freed.push({ release, bytes });
    return `${(bytes / 1e6).toFixed(1)} MB freed`;
  }

  async #makeReserve(): Promise<void> {
    const { reserveBytes = usualReserveBytes } = this.#options;
    await makeReserve(this.#host, this.#settings.prefix, reserveBytes);
  }

  async #writeRelease(plan: ReleasePlan, payload: Payload): Promise<string> {
    const { release, contents } = plan;
    const packed = release.entries.filter((entry) => entry.kind === 'file').length;
    const placed = [...contents.placed.values()].filter((entry) => entry.kind === 'file').length;
    const filesTotal = packed + placed + contents.generated.size;
    const written = await writeRelease(this.#store, payload, plan, {
      replaces: true,
      onProgress: ({ filesWritten, filesLinked, bytesWritten }) => {
        this.#options.emit({
          kind: 'release.progress',
          release: release.id,
          files: filesWritten + filesLinked,
          filesTotal,
          bytes: bytesWritten,
          bytesTotal: plan.bytesToWrite,
        });
      },
    });
    const megabytes = (written.bytesWritten / 1e6).toFixed(1);
    return `${written.filesWritten} files written (${megabytes} MB), ${written.filesLinked} linked`;
  }
}

function stageOf({ plan, facts: { goal }, wanted }: Preparation, stage: InstallStage): Plan {
  return installStage(plan, stage, goal?.command === 'install' && goal.release === wanted.id);
}

function depthOf({ repairs }: InstallOptions): 'content' | 'at a glance' {
  return repairs === true ? 'content' : 'at a glance';
}

function describeSwitch(
  release: string,
  version: string,
  handlers: readonly HandlerEntry[],
  record: OwnershipRecord | undefined,
  plan: Plan,
): Installed {
  const names = new Set(handlers.map((handler) => handler.name));
  const before = (record ?? emptyRecord).handlers;
  return { release, version, handlers, dropped: before.filter(({ name }) => !names.has(name)), plan };
}
