/** The engine of the node while we work on it: its files through the host, its answers through its own socket. */
import { exitCodes, KataError, waitFor } from '@kata/core';
import { containerd, type Engine, type EngineContext } from '@kata/engines';
import type { Host, HostPath } from '@kata/host';
import type { EngineFacts, HandlerEntry } from './facts.ts';
import type { OwnershipRecord } from './record.ts';
import type { Settings } from './settings/index.ts';

/** What an engine says of itself. */
export interface EngineClient {
  /** Such as `2.2.1`; rejects when the engine does not answer. */
  version(): Promise<string>;
  servedHandlers(): Promise<readonly string[]>;
}

const engine: Engine<unknown> = containerd;

const restartTimeoutMs = 120_000;
const servedTimeoutMs = 60_000;

export class EngineSession {
  readonly #host: Host;
  readonly #client: EngineClient;
  readonly #settings: Pick<Settings, 'prefix' | 'suffix'>;

  constructor(host: Host, client: EngineClient, settings: Pick<Settings, 'prefix' | 'suffix'>) {
    this.#host = host;
    this.#client = client;
    this.#settings = settings;
  }

  async readFacts(record: OwnershipRecord): Promise<EngineFacts> {
    const version = await this.#client.version().catch((error: unknown) => {
      throw new KataError('KATA_ENGINE_SILENT', 'containerd does not answer on its socket', {
        exitCode: exitCodes.precondition,
        hint: `see: journalctl --unit ${engine.unit}`,
        cause: error,
      });
    });
    const probed = await engine.probe(this.#host, version, this.#context(record));
    return {
      title: `containerd ${version}`,
      unit: engine.unit,
      startedAtMs: (await this.#host.units.state(engine.unit))?.startedAtMs,
      served: await this.#client.servedHandlers(),
      configChangedMs: await newestChange(this.#host, engine.configFiles(probed)),
      keepsShimInfo: keepsShimInfo(version),
      probed,
      configFiles: engine.configFiles(probed),
      found: engine.findHandlers?.(probed, this.#context(record)) ?? [],
      planDrops: (names, owner) => engine.planDrops?.(probed, names, this.#context(owner)) ?? [],
      planEdits: (handlers, owner) => engine.planEdits(probed, handlers, this.#context(owner)),
    };
  }

  #context(record: OwnershipRecord): EngineContext {
    const { prefix, suffix } = this.#settings;
    return { prefix, suffix, owned: ownedFiles(record) };
  }

  /** Throws when the engine, started with what is on disk now, would not be as it was before but for our handlers. */
  async checkConfig(
    before: EngineFacts,
    handlers: readonly HandlerEntry[],
    record: OwnershipRecord,
  ): Promise<void> {
    const after = await this.readFacts(record);
    const faults = engine.findFaults(before.probed, after.probed, handlers, this.#context(record));
    if (faults.length === 0) return;
    throw new KataError(
      'KATA_ENGINE_CHECK',
      `the engine's new configuration is wrong: ${faults.join('; ')}`,
      {
        exitCode: exitCodes.verification,
      },
    );
  }

  /** Resolves when the engine runs again and lists all of `handlers` and none of `gone`. */
  async restart(handlers: readonly HandlerEntry[], gone: readonly HandlerEntry[]): Promise<void> {
    await this.#host.units.restart(engine.unit, restartTimeoutMs);
    await waitFor(
      { what: 'containerd to serve its handlers', timeoutMs: servedTimeoutMs, intervalMs: 200 },
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

function ownedFiles(record: OwnershipRecord): EngineContext['owned'] {
  return record.files.map((file) => ({ ...file, original: file.original ?? undefined }));
}

async function newestChange(host: Host, paths: readonly HostPath[]): Promise<number | undefined> {
  let newest: number | undefined;
  for (const path of paths) {
    const info = await host.files.info(path);
    if (info !== undefined) newest = Math.max(newest ?? 0, info.modifiedMs);
  }
  return newest;
}

/** From 2.2 on containerd asks a shim for its `-info` once per path and keeps the answer. */
function keepsShimInfo(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 2);
}
