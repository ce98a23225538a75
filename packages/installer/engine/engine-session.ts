/** The one way to reach the engine of the node: found once, then its files through the host, its answers through its client. */
import type { DesiredEngine } from '@kata/artifacts';
import { exitCodes, KataError, waitFor } from '@kata/core';
import {
  activeEngineUnits,
  queryLoader,
  queryLoaderVersion,
  detectEngine,
  type Engine,
  type EngineKind,
  engineOf,
  type FileEdit,
  type LoaderAnswer,
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
import { askVersion } from './engine-version.ts';
import { foreignChanges } from './foreign-changes.ts';
import { refuseUnit } from './refuse-unit.ts';

const restartTimeoutMs = 120_000;
const servedTimeoutMs = 60_000;
const defaultIntervalMs = 200;

export interface EngineSessionOptions {
  /** Ends a wait for an engine that is being restarted. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of that wait; `active`: what systemd says of the unit. */
  readonly onWait?: (unit: string, active: string) => void;
  /** Of `activeEngineUnits`; left out: systemd is asked, and must answer. */
  readonly activeUnits?: (host: Host) => Promise<readonly string[]>;
}

interface OpenEngine {
  readonly kind: EngineKind;
  readonly engine: Engine<unknown>;
}

export class EngineSession {
  readonly #host: Host;
  readonly #client: EngineClient;
  readonly #settings: EngineSettings;
  readonly #options: EngineSessionOptions;
  #opened: OpenEngine | undefined;

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

  /** Which one it is; @throws KataError as `detectEngine` and `engineOf` do. */
  async open(): Promise<Engine<unknown>> {
    return (await this.#open()).engine;
  }

  /** Of the engine that runs, such as `2.2.1`; rejects at once when it does not answer. */
  async runningVersion(): Promise<string> {
    return await this.#client.version();
  }

  /** Waits for an engine that is being restarted; @throws KataError when it cannot be reached, or not be restarted. */
  async readFacts(record: OwnershipRecord): Promise<ReachedEngine> {
    const { engine } = await this.#open();
    const version = await askVersion({
      title: engine.title,
      unit: engine.unit,
      ask: async () => await this.#client.version(),
      units: this.#host.units,
      intervalMs: this.#client.intervalMs ?? defaultIntervalMs,
      signal: this.#options.signal,
      onWait: (active) => this.#options.onWait?.(engine.unit, active),
    });
    await refuseUnit(this.#host.units, engine.title, engine.unit);
    return await this.readFactsAs(version, { running: version }, record);
  }

  /** For those who can do something also where it cannot be reached. */
  async readKnownFacts(record: OwnershipRecord): Promise<EngineFacts> {
    try {
      return await this.readFacts(record);
    } catch (error) {
      if (!(error instanceof KataError)) throw error;
      return unreachedEngine(error);
    }
  }

  /** As they are for another version of the engine: that which its next start runs. */
  async readFactsAs(
    version: string,
    { running }: Pick<EngineFacts, 'running'>,
    record: OwnershipRecord,
  ): Promise<ReachedEngine> {
    const { title, unit } = await this.open();
    const files = await this.readFiles(version, record);
    const state = await this.#host.units.state(unit);
    return {
      ...files,
      title: `${title} ${version}`,
      version,
      running,
      unit,
      isActive: state?.active === 'active',
      invocationId: state?.invocationId,
      served: await this.#client.servedHandlers(),
      unloaded: await foreignChanges(this.#host, files.configFiles, record, state?.startedAtMs),
      keepsShimInfo: keepsShimInfo(running),
    };
  }

  /** As this version of it reads them; neither the engine nor systemd is asked. */
  async readFiles(version: string, record: OwnershipRecord): Promise<EngineFiles & ProbedEngine> {
    const { kind, engine } = await this.#open();
    const context = engineContext(this.#settings, record);
    const probed = await engine.probe(this.#host, version, context);
    return {
      kind,
      probed,
      settings: this.#settings,
      configFiles: engine.configFiles(probed),
      configTexts: engine.configTexts(probed),
      missingFiles: engine.missingFiles?.(probed) ?? [],
      found: engine.findHandlers?.(probed, context) ?? [],
      others: engine.findForeignHandlers?.(probed, context) ?? [],
    };
  }

  /** By the program that a restart would start. */
  async askVersion(): Promise<VersionAnswer> {
    return await queryLoaderVersion(this.#host, await this.open());
  }

  /** What that program makes of these edits. */
  async queryLoader(
    seen: PlannedEngine,
    edits: readonly Pick<FileEdit, 'path' | 'after'>[],
  ): Promise<LoaderAnswer> {
    if (seen.problem !== undefined) throw seen.problem;
    return await queryLoader(this.#host, await this.open(), seen.probed, edits);
  }

  /**
   * Throws when the engine, started with what is on disk now, would not be as it was before but for our handlers.
   * `done`: what was edited since `before`.
   */
  async checkConfig(
    before: EngineFacts,
    done: readonly Action[],
    handlers: readonly Handler[],
    record: OwnershipRecord,
    told?: DesiredEngine,
  ): Promise<void> {
    if (before.problem !== undefined) throw before.problem;
    const engine = await this.open();
    const context = engineContext(tellingSettings(this.#settings, told), record);
    const after = await engine.probe(this.#host, before.version, context);
    refuseChanged(before.configTexts, done, engine.configTexts(after));
    const faults = engine.findFaults(before.probed, after, handlers, context);
    if (faults.length === 0) return;
    throw new KataError(
      'KATA_ENGINE_CHECK',
      `the engine's new configuration is wrong: ${faults.join('; ')}`,
      {
        exitCode: exitCodes.verification,
      },
    );
  }

  /** For its files as they are now, to what it was told before; it is not asked, for it may not run. */
  async planEdits(
    { version }: Pick<EngineFacts, 'version'>,
    handlers: readonly Handler[],
    record: OwnershipRecord,
    told: DesiredEngine | undefined,
  ): Promise<readonly FileEdit[]> {
    const engine = await this.open();
    const context = engineContext(tellingSettings(this.#settings, told), record);
    return engine.planEdits(await engine.probe(this.#host, version, context), handlers, context);
  }

  /** Resolves when the engine runs again and lists all of `handlers` and none of `gone`. */
  async restart(handlers: readonly Handler[], gone: readonly Handler[]): Promise<void> {
    const engine = await this.open();
    await this.#host.units.restart(engine.unit, restartTimeoutMs);
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
        throw new Error(`missing: ${names(missing) || 'none'}; left: ${names(left) || 'none'}`);
      },
    );
  }

  /** Once: it does not change while we work. */
  async #open(): Promise<OpenEngine> {
    if (this.#opened !== undefined) return this.#opened;
    const { activeUnits = activeEngineUnits } = this.#options;
    // Our client speaks containerd's protocol, so that is what an answer means where the node object is not asked.
    const { containerRuntimeVersion = 'containerd://', distribution } = this.#settings;
    const units = await activeUnits(this.#host);
    const kind = detectEngine({ containerRuntimeVersion, distribution, activeUnits: units });
    this.#opened = { kind, engine: engineOf(kind) };
    return this.#opened;
  }
}

/** From 2.2 on containerd asks a shim for its `-info` once per path and keeps the answer. */
function keepsShimInfo(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 2);
}
