/** The only access to the engine of the node: detected once; its files are read through the host, its state through its client. */
import type { DesiredEngine } from '@kata/artifacts';
import { exitCodes, KataError, waitFor } from '@kata/core';
import {
  queryLoader,
  queryLoaderVersion,
  type Engine,
  type EngineLocation,
  type FileEdit,
  type LoaderAnswer,
  type LocatedEngine,
  locateEngine,
  type VersionAnswer,
} from '@kata/engines';
import type { Host } from '@kata/host';
import type { Handler } from '@kata/kata';
import type { Action } from '../state/actions.ts';
import type { OwnershipRecord } from '../state/record.ts';
import type { EngineClient } from './engine-client.ts';
import {
  type EngineFacts,
  type EngineFiles,
  type PlannedEngine,
  type ProbedEngine,
  type ReachedEngine,
  unreachedEngine,
} from './engine-facts.ts';
import { refuseChanged } from './engine-files.ts';
import { engineContext, type EngineSettings, tellingSettings } from './engine-settings.ts';
import { queryVersion } from './engine-version.ts';
import { foreignChanges } from './foreign-changes.ts';
import { refuseUnit } from './refuse-unit.ts';

const restartTimeoutMs = 120_000;
const servedTimeoutMs = 60_000;
const defaultIntervalMs = 200;

export interface EngineSessionOptions {
  /** Ends a wait for an engine that is being restarted. */
  readonly signal?: AbortSignal | undefined;
  /** Called when that wait begins; `active`: the state of the unit as systemd reports it. */
  readonly onWait?: (unit: string, active: string) => void;
  /** Left out: `activeEngineUnits`, which needs systemd. */
  readonly activeUnits?: (host: Host) => Promise<readonly string[]>;
}

export class EngineSession {
  readonly #host: Host;
  readonly #client: EngineClient;
  readonly #settings: EngineSettings;
  readonly #options: EngineSessionOptions;
  #opened: LocatedEngine | undefined;

  constructor(
    host: Host,
    client: EngineClient,
    settings: EngineSettings,
    options: EngineSessionOptions = {},
  ) {
    this.#host = host;
    this.#client = client;
    this.#settings = settings;
    this.#options = options;
  }

  /** Detects the engine, once per session: that of a node does not change meanwhile. @throws KataError as `locateEngine` does. */
  async open(): Promise<LocatedEngine> {
    this.#opened ??= await locateEngine(this.#host, this.#settings, this.#options.activeUnits);
    return this.#opened;
  }

  /** The running version, such as `2.2.1`; rejects at once when the engine does not answer. */
  async runningVersion(): Promise<string> {
    return await this.#client.version();
  }

  /** Waits for an engine that is being restarted; @throws KataError when it cannot be reached, or its unit cannot be restarted. */
  async readFacts(record: OwnershipRecord): Promise<ReachedEngine> {
    const { engine, location } = await this.open();
    const version = await queryVersion({
      title: engine.title,
      unit: location.unit,
      query: async () => await this.#client.version(),
      units: this.#host.units,
      intervalMs: this.#client.intervalMs ?? defaultIntervalMs,
      signal: this.#options.signal,
      onWait: (active) => this.#options.onWait?.(location.unit, active),
    });
    await refuseUnit(this.#host.units, engine.title, location.unit);
    return await this.readFactsAs(version, { running: version }, record);
  }

  /** For commands that also work while it cannot be reached. */
  async readKnownFacts(record: OwnershipRecord): Promise<EngineFacts> {
    try {
      return await this.readFacts(record);
    } catch (error) {
      if (!(error instanceof KataError)) throw error;
      return unreachedEngine(error);
    }
  }

  /** The facts for another version of the engine: the one that its next start runs. */
  async readFactsAs(
    version: string,
    { running }: Pick<EngineFacts, 'running'>,
    record: OwnershipRecord,
  ): Promise<ReachedEngine> {
    const { engine, location } = await this.open();
    const { unit } = location;
    const files = await this.readFiles(version, record);
    const state = await this.#host.units.state(unit);
    return {
      ...files,
      title: `${engine.title} ${version}`,
      version,
      running,
      unit,
      isActive: state?.active === 'active',
      invocationId: state?.invocationId,
      killMode: state?.killMode,
      served: await this.#client.servedHandlers(),
      unloaded: await foreignChanges(this.#host, files.configFiles, record, state?.startedAtMs),
      keepsShimInfo: engine.keepsShimInfo(running),
    };
  }

  /** The files as this version reads them; queries neither the engine nor systemd. */
  async readFiles(version: string, record: OwnershipRecord): Promise<EngineFiles & ProbedEngine> {
    const { kind, engine, location } = await this.open();
    const context = engineContext(location, this.#settings, record);
    const probed = await engine.probe(this.#host, version, context);
    return {
      kind,
      location,
      probed,
      settings: this.#settings,
      configFiles: engine.configFiles(probed),
      configTexts: engine.configTexts(probed),
      missingFiles: engine.missingFiles(probed),
      found: engine.findHandlers(probed, context),
      others: engine.findForeignHandlers(probed, context),
    };
  }

  /** The version of the program that a restart would start. */
  async queryLoaderVersion(): Promise<VersionAnswer> {
    return await queryLoaderVersion(this.#host, await this.#queried());
  }

  /** Whether that program loads its configuration with these edits. */
  async queryLoader(
    seen: PlannedEngine,
    edits: readonly Pick<FileEdit, 'path' | 'after'>[],
  ): Promise<LoaderAnswer> {
    if (seen.problem !== undefined) throw seen.problem;
    return await queryLoader(this.#host, await this.#queried(), seen.probed, edits);
  }

  /**
   * Throws when the engine, started with the files on disk, would differ from `before` in more than our handlers.
   * `done`: the edits since `before`.
   */
  async checkConfig(
    before: EngineFacts,
    done: readonly Action[],
    handlers: readonly Handler[],
    record: OwnershipRecord,
    told?: DesiredEngine,
  ): Promise<void> {
    if (before.problem !== undefined) throw before.problem;
    const { engine, location } = await this.open();
    const context = engineContext(location, tellingSettings(this.#settings, told), record);
    const after = await engine.probe(this.#host, before.version, context);
    refuseChanged(before.configTexts, done, engine.configTexts(after));
    const faults = engine.findFaults(before.probed, after, handlers, context);
    if (faults.length === 0) return;
    throw new KataError(
      'KATA_ENGINE_CHECK',
      `the new configuration of ${engine.title} is wrong: ${faults.join('; ')}`,
      {
        exitCode: exitCodes.verification,
      },
    );
  }

  /** Plans edits of the present files for the earlier configuration, without a query: the engine may be down. */
  async planEdits(
    { version }: Pick<EngineFacts, 'version'>,
    handlers: readonly Handler[],
    record: OwnershipRecord,
    told: DesiredEngine | undefined,
  ): Promise<readonly FileEdit[]> {
    const { engine, location } = await this.open();
    const context = engineContext(location, tellingSettings(this.#settings, told), record);
    return engine.planEdits(await engine.probe(this.#host, version, context), handlers, context);
  }

  /** Resolves when the engine is running again and lists all of `handlers` and none of `gone`. */
  async restart(handlers: readonly Handler[], gone: readonly Handler[]): Promise<void> {
    const { engine, location } = await this.open();
    await this.#host.units.restart(location.unit, restartTimeoutMs);
    await waitFor(
      {
        what: `${engine.title} to serve its handlers`,
        timeoutMs: servedTimeoutMs,
        intervalMs: this.#client.intervalMs ?? defaultIntervalMs,
      },
      async () => {
        const served = await this.#client.servedHandlers();
        const missing = handlers.filter((handler) => !served.includes(handler.name));
        const left = gone.filter((handler) => served.includes(handler.name));
        if (missing.length + left.length === 0) return true;
        const names = (list: readonly Handler[]): string => list.map((h) => h.name).join(', ');
        throw new Error(`missing: ${names(missing) || 'none'}; not removed: ${names(left) || 'none'}`);
      },
    );
  }

  async #queried(): Promise<Engine<unknown> & Pick<EngineLocation, 'unit'>> {
    const { engine, location } = await this.open();
    return { ...engine, unit: location.unit };
  }
}
