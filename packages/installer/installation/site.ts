/** The context of all runs on one installation: host, engine, store, and the begin and end of a run. */
import { FilesOfRun, type Payload, removeLeftovers, type Store } from '@kata/artifacts';
import { KataError } from '@kata/core';
import type { Host } from '@kata/host';
import type { Emit } from '@kata/report';
import type { Settings } from '@kata/settings';
import type { InstallerEvent } from '../apply/events.ts';
import { FailedStart } from '../apply/failed-start.ts';
import { restoreRecord } from '../apply/recover.ts';
import type { EngineClient } from '../engine/engine-client.ts';
import { EngineSession } from '../engine/engine-session.ts';
import { isFileChanged } from '../engine/engine-files.ts';
import type { NodeFacts } from '../facts/facts.ts';
import { type FactsProbe, readFacts, readKnownFacts } from '../facts/read-facts.ts';
import { SandboxWatch } from '../facts/sandbox-watch.ts';
import {
  type QuerySandboxes,
  handlersOfOurFiles,
  readSandboxes,
  type SandboxView,
} from '../facts/sandboxes.ts';
import { removeUnfinished } from '../facts/unfinished-files.ts';
import { checkConverged } from '../plan/check-converged.ts';
import { wantedHandlers } from '../plan/wanted-files.ts';
import { makeRelease, type MadeRelease, type SettledRelease } from '../plan/wanted-release.ts';
import { type Plan, restartsEngine } from '../state/actions.ts';
import { removeRunLeftovers } from '../state/create-and-remove.ts';
import type { Goal } from '../state/journal.ts';
import { emptyRecord, type OwnershipRecord, readRecord } from '../state/record.ts';
import { makeReserve, defaultReserveBytes } from '../state/reserve.ts';
import { checkPrefix, type PrefixUse } from './check-prefix.ts';
import type { FreedRelease } from './releases-of-run.ts';

export interface InstallationOptions {
  readonly host: Host;
  readonly settings: Settings;
  readonly engine: EngineClient;
  /** Lists the node's sandboxes; left out: they are found by their traces on the node. */
  readonly sandboxes?: QuerySandboxes;
  readonly emit: Emit<InstallerEvent>;
  /** When aborted, a run ends after its present step; the next run finishes it. */
  readonly signal?: AbortSignal;
  /** See `makeReserve`. */
  readonly reserveBytes?: number;
  /** See `FailedStartOptions`. */
  readonly attempt?: string | undefined;
}

export class Site {
  readonly options: InstallationOptions;
  readonly host: Host;
  readonly settings: Settings;
  readonly engine: EngineSession;
  readonly store: Store;
  /** Releases that were removed, with the bytes that were freed. */
  readonly freed: FreedRelease[] = [];
  readonly filesOfRun: FilesOfRun;
  readonly #settled = new Map<Payload, SettledRelease>();

  constructor(options: InstallationOptions) {
    const { host, engine, settings, signal, emit } = options;
    this.options = options;
    this.host = host;
    this.settings = settings;
    this.engine = new EngineSession(host, engine, settings, {
      signal,
      onWait: (unit, active) => {
        emit({ kind: 'engine.awaited', unit, active });
      },
    });
    this.store = { files: host.files, prefix: settings.prefix };
    this.filesOfRun = new FilesOfRun(host.files);
  }

  get probe(): FactsProbe {
    const sandboxes: FactsProbe['sandboxes'] = async (found) => await this.readSandboxes(found);
    return { host: this.host, store: this.store, engine: this.engine, sandboxes };
  }

  async readFacts(wanted?: MadeRelease): Promise<NodeFacts> {
    return await readFacts(this.probe, wanted);
  }

  /** The release that a payload becomes; computed once per payload. */
  async settledRelease(payload: Payload): Promise<SettledRelease> {
    const made = this.#settled.get(payload) ?? (await makeRelease(this.store, this.settings, payload));
    this.#settled.set(payload, made);
    return made;
  }

  /** For read-only commands, also while the engine does not answer. */
  async readKnownFacts(): Promise<NodeFacts> {
    return await readKnownFacts(this.probe);
  }

  /** Sandboxes of this installation: of its recorded and wanted handlers, and those in the engine's files (`found`). */
  async readSandboxes(found?: readonly string[]): Promise<SandboxView> {
    const { sandboxes } = this.options;
    if (sandboxes === undefined) return await readSandboxes(this.host, [], undefined);
    const record = await readRecord(this.host, this.settings.prefix);
    const inFiles = found ?? (await this.#findHandlers(record));
    const known = [...(record?.handlers ?? []), ...wantedHandlers(this.settings)];
    const names = new Set([...known.map(({ name }) => name), ...inFiles]);
    return await readSandboxes(this.host, [...names], sandboxes);
  }

  watch({ sandboxView, engine }: NodeFacts): SandboxWatch {
    return new SandboxWatch(sandboxView, async () => await this.readSandboxes(handlersOfOurFiles(engine)));
  }

  async checkPrefix(use: PrefixUse): Promise<void> {
    await checkPrefix(this.host, this.settings.prefix, use);
  }

  /** Removes left-overs of killed runs. */
  async prepare(use: PrefixUse): Promise<void> {
    await this.checkPrefix(use);
    await this.restoreRecord();
    await removeRunLeftovers(this.host, this.settings.prefix);
    await removeLeftovers(this.store);
    await removeUnfinished(this.store);
  }

  /** Rebuilds a lost record. */
  async restoreRecord(): Promise<void> {
    const { isRebuilt, record } = await restoreRecord(this);
    if (!isRebuilt) return;
    const { prefix } = this.settings;
    this.options.emit({ kind: 'record.rebuilt', prefix, current: record?.current ?? null });
  }

  /** Only next to a record: a directory of ours without one is taken for an installation that has lost its record. */
  async makeReserve(): Promise<void> {
    if ((await readRecord(this.host, this.settings.prefix)) === undefined) return;
    const { reserveBytes = defaultReserveBytes } = this.options;
    await makeReserve(this.host, this.settings.prefix, reserveBytes);
  }

  failedStart({ engine }: NodeFacts, { command }: Pick<Goal, 'command'>, retries = false): FailedStart {
    const { host, attempt } = this.options;
    return new FailedStart({ host, prefix: this.settings.prefix, engine, command, attempt, retries });
  }

  /** `left`: a second plan. Records a restart that is left, so that no retry performs it. */
  async expectConverged(left: Plan, done: Plan, facts: NodeFacts, command: Goal['command']): Promise<void> {
    try {
      checkConverged(left, done);
    } catch (error) {
      const isEnd = restartsEngine(left) && !isFileChanged(error);
      if (isEnd) await this.failedStart(facts, { command }).note(left, error);
      throw error;
    }
  }

  /** Empty when the engine does not answer, or its files cannot be parsed: that is reported where they are needed. */
  async #findHandlers(record: OwnershipRecord | undefined): Promise<readonly string[]> {
    try {
      return handlersOfOurFiles(await this.engine.readFacts(record ?? emptyRecord));
    } catch (error) {
      if (!(error instanceof KataError)) throw error;
      return [];
    }
  }
}
