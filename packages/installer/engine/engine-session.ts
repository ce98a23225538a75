/** The engine of the node while we work on it: its files through the host, its answers through its own socket. */
import type { EngineWishes } from '@kata/artifacts';
import { exitCodes, KataError, waitFor } from '@kata/core';
import {
  activeEngineUnits,
  askLoader,
  askVersion as askProgramVersion,
  detectEngine,
  type Engine,
  type EngineContext,
  engineOf,
  type FileEdit,
  type LoaderAnswer,
  type VersionAnswer,
} from '@kata/engines';
import type { Host } from '@kata/host';
import { askVersion } from './engine-version.ts';
import { foreignChanges } from './foreign-changes.ts';
import type { Action } from '../state/actions.ts';
import { refuseUnit } from './refuse-unit.ts';
import { refuseChanged } from './engine-files.ts';
import type { EngineFacts } from './engine-facts.ts';
import type { HandlerEntry, OwnershipRecord } from '../state/record.ts';
import type { Settings } from '@kata/settings';

/** What an engine says of itself. */
export interface EngineClient {
  /** Such as `2.2.1`; rejects when the engine does not answer. */
  version(): Promise<string>;
  servedHandlers(): Promise<readonly string[]>;
  /** Those that are ready; undefined where the engine does not say. */
  snapshotters?(): Promise<readonly string[] | undefined>;
  /** Pause between two questions while it starts; left out: it is near and asked often. */
  readonly intervalMs?: number;
}

/** What an engine is told beside handlers, and how it is found. */
export type EngineSettings = Pick<Settings, 'prefix' | 'suffix'> &
  Partial<Pick<Settings, 'containerd' | 'containerRuntimeVersion' | 'debug' | 'distribution'>>;

const restartTimeoutMs = 120_000;
const servedTimeoutMs = 60_000;
const usualIntervalMs = 200;

/** Of an engine that is being restarted: who hears of the wait, and what ends it early. */
export interface EngineWatch {
  readonly signal?: AbortSignal | undefined;
  /** `active`: what systemd says of the unit. */
  readonly onWait?: (unit: string, active: string) => void;
}

export class EngineSession {
  readonly #host: Host;
  readonly #client: EngineClient;
  readonly #settings: EngineSettings;
  readonly #watch: EngineWatch;
  #engine: Engine<unknown> | undefined;

  constructor(host: Host, client: EngineClient, settings: EngineSettings, watch: EngineWatch = {}) {
    this.#host = host;
    this.#client = client;
    this.#settings = settings;
    this.#watch = watch;
  }

  async readFacts(record: OwnershipRecord): Promise<EngineFacts> {
    const engine = await this.#detect();
    const version = await askVersion({
      title: engine.title,
      unit: engine.unit,
      ask: async () => await this.#client.version(),
      units: this.#host.units,
      intervalMs: this.#client.intervalMs ?? usualIntervalMs,
      signal: this.#watch.signal,
      onWait: (active) => this.#watch.onWait?.(engine.unit, active),
    });
    await refuseUnit(this.#host.units, engine.title, engine.unit);
    return await this.#readFactsAs(version, record, { running: version });
  }

  /** As they are for another version of the engine: that which its next start runs. */
  async readFactsAs(version: string, facts: EngineFacts, record: OwnershipRecord): Promise<EngineFacts> {
    return await this.#readFactsAs(version, record, { running: facts.running });
  }

  /** By the program that a restart would start. */
  async askVersion(): Promise<VersionAnswer> {
    return await askProgramVersion(this.#host, await this.#detect());
  }

  /** What that program makes of these edits. */
  async askLoader(
    { probed }: Pick<EngineFacts, 'probed'>,
    edits: readonly Pick<FileEdit, 'path' | 'after'>[],
  ): Promise<LoaderAnswer> {
    return await askLoader(this.#host, await this.#detect(), probed, edits);
  }

  async #readFactsAs(
    version: string,
    record: OwnershipRecord,
    { running }: Pick<EngineFacts, 'running'>,
  ): Promise<EngineFacts> {
    const engine = await this.#detect();
    const probed = await engine.probe(this.#host, version, this.#context(record));
    const state = await this.#host.units.state(engine.unit);
    const configFiles = engine.configFiles(probed);
    return {
      title: `${engine.title} ${version}`,
      version,
      running,
      unit: engine.unit,
      isActive: state?.active === 'active',
      invocationId: state?.invocationId,
      served: await this.#client.servedHandlers(),
      unloaded: await foreignChanges(this.#host, configFiles, record, state?.startedAtMs),
      keepsShimInfo: keepsShimInfo(running),
      probed,
      configFiles,
      configTexts: engine.configTexts(probed),
      found: engine.findHandlers?.(probed, this.#context(record)) ?? [],
      others: engine.findOthers?.(probed, this.#context(record)) ?? [],
      refuseHarm: ({ edits, handlers, record: owner, told, isLoaded }) =>
        engine.refuseHarm?.(probed, edits, handlers, this.#context(owner, told), isLoaded),
      planDrops: (names, owner) => engine.planDrops?.(probed, names, this.#context(owner)) ?? [],
      planEdits: (handlers, owner, told) => engine.planEdits(probed, handlers, this.#context(owner, told)),
    };
  }

  /** Once: it does not change while we work. */
  async #detect(): Promise<Engine<unknown>> {
    this.#engine ??= chooseEngine(this.#settings, await activeEngineUnits(this.#host));
    return this.#engine;
  }

  #context(record: OwnershipRecord, told?: EngineWishes): EngineContext {
    const settings = told === undefined ? this.#settings : tellingSettings(this.#settings, told);
    return engineContext(settings, record);
  }

  /**
   * Throws when the engine, started with what is on disk now, would not be as it was before but for our handlers.
   * `done`: what was edited since `before`.
   */
  async checkConfig(
    before: EngineFacts,
    done: readonly Action[],
    handlers: readonly HandlerEntry[],
    record: OwnershipRecord,
    told?: EngineWishes,
  ): Promise<void> {
    const engine = await this.#detect();
    const context = this.#context(record, told);
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
    { version }: EngineFacts,
    handlers: readonly HandlerEntry[],
    record: OwnershipRecord,
    told: EngineWishes | undefined,
  ): Promise<readonly FileEdit[]> {
    const engine = await this.#detect();
    const context = this.#context(record, told);
    return engine.planEdits(await engine.probe(this.#host, version, context), handlers, context);
  }

  /** Resolves when the engine runs again and lists all of `handlers` and none of `gone`. */
  async restart(handlers: readonly HandlerEntry[], gone: readonly HandlerEntry[]): Promise<void> {
    const engine = await this.#detect();
    await this.#host.units.restart(engine.unit, restartTimeoutMs);
    await waitFor(
      {
        what: `${engine.title} to serve its handlers`,
        timeoutMs: servedTimeoutMs,
        intervalMs: this.#client.intervalMs ?? usualIntervalMs,
      },
      async () => {
        const served = await this.#client.servedHandlers();
        const missing = handlers.filter((handler) => !served.includes(handler.name));
        const left = gone.filter((handler) => served.includes(handler.name));
        if (missing.length + left.length === 0) return true;
        const names = (list: readonly HandlerEntry[]): string => list.map((h) => h.name).join(', ');
        throw new Error(`missing: ${names(missing) || 'none'}; left: ${names(left) || 'none'}`);
      },
    );
  }
}

/** Our client speaks containerd's protocol, so that is what an answer means where the node object is not asked. */
export function chooseEngine(
  { containerRuntimeVersion = 'containerd://', distribution }: EngineSettings,
  activeUnits: readonly string[],
): Engine<unknown> {
  return engineOf(detectEngine({ containerRuntimeVersion, distribution, activeUnits }));
}

export function engineContext(settings: EngineSettings, record: OwnershipRecord): EngineContext {
  const { prefix, suffix, debug, containerd } = settings;
  return {
    prefix,
    suffix,
    owned: record.files.map(({ path, original, leftSha256 }) => ({
      path,
      original: original ?? undefined,
      leftSha256,
    })),
    known: record.handlers,
    configFileName: containerd?.configFileName,
    isConfigFileGiven: containerd?.isConfigFileGiven,
    debug,
    userDropIn: containerd?.userDropIn,
  };
}

/** What the engine was told beside handlers, for the record. */
export function engineEntry({ containerd, debug }: Settings): NonNullable<OwnershipRecord['engine']> {
  const { configFileName, userDropIn } = containerd;
  return { configFileName, debug, ...(userDropIn === undefined ? {} : { userDropIn }) };
}

/** Settings as they were when the record was written, whatever is wished today. */
export function recordedSettings(
  { prefix, suffix }: Pick<Settings, 'prefix' | 'suffix'>,
  { engine }: OwnershipRecord,
): EngineSettings {
  if (engine === undefined) return { prefix, suffix };
  return tellingSettings({ prefix, suffix }, engine);
}

function tellingSettings(
  settings: EngineSettings,
  { configFileName, debug, userDropIn }: EngineWishes,
): EngineSettings {
  const { isConfigFileGiven = false } = settings.containerd ?? {};
  const drops = userDropIn === undefined ? {} : { userDropIn };
  return { ...settings, debug, containerd: { configFileName, isConfigFileGiven, ...drops } };
}

/** From 2.2 on containerd asks a shim for its `-info` once per path and keeps the answer. */
function keepsShimInfo(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 2);
}
