/** One installation on one node: reads facts, plans, applies, verifies. */
import {
  chooseRelease,
  listReleases,
  type Payload,
  planRelease,
  readArchive,
  archiveOf,
  readManifest,
  type ReleaseManifest,
  removeLeftovers,
  removeRelease,
  type Store,
  verifyRelease,
  writeRelease,
} from '@kata/artifacts';
import { exitCodes, KataError } from '@kata/core';
import type { FileInfo, Host, HostPath } from '@kata/host';
import { handlerName, releaseDirectory, shims } from '@kata/kata';
import type { Plan } from './actions.ts';
import { adoptTree } from './adoption/adopt-tree.ts';
import { carriedFiles, carriedHandlers, isAdopted } from './adoption/carried.ts';
import { findUpstream } from './adoption/find-upstream.ts';
import { adoptedRecord } from './adoption/plan-adoption.ts';
import { sweep } from './appearance.ts';
import { applyPlan, type InstallerEvent } from './apply.ts';
import { type EngineClient, EngineSession } from './engine-session.ts';
import type { HandlerEntry, NodeFacts } from './facts.ts';
import { readUnfinished } from './journal.ts';
import { planInstall, type WantedRelease } from './plan-install.ts';
import { planRemoval, type RemovalPlan } from './plan-removal.ts';
import { emptyRecord, readRecord } from './record.ts';
import { listSandboxes } from './sandboxes.ts';
import type { Settings } from './settings/index.ts';
import { wantedComponents, wantedFiles, wantedHandlers, wantedTexts } from './wanted-files.ts';

export interface InstallationOptions {
  readonly host: Host;
  readonly settings: Settings;
  readonly engine: EngineClient;
  readonly emit: (event: InstallerEvent) => void;
}

export interface Installed {
  readonly release: string;
  readonly version: string;
  readonly handlers: readonly HandlerEntry[];
  /** Handlers that an earlier run served and this one does not. */
  readonly dropped: readonly HandlerEntry[];
  readonly plan: Plan;
}

export interface Removal {
  readonly facts: NodeFacts;
  readonly plan: RemovalPlan;
}

/** With what it consists of. */
interface Wanted extends WantedRelease {
  readonly manifest: ReleaseManifest;
}

export class Installation {
  readonly #host: Host;
  readonly #settings: Settings;
  readonly #engine: EngineSession;
  readonly #store: Store;
  readonly #emit: (event: InstallerEvent) => void;

  constructor(options: InstallationOptions) {
    this.#host = options.host;
    this.#settings = options.settings;
    this.#engine = new EngineSession(options.host, options.engine, options.settings);
    this.#store = { files: options.host.files, prefix: options.settings.prefix };
    this.#emit = options.emit;
  }

  async planInstall(payload: Payload): Promise<Plan> {
    const settings = await this.#keepingUsed();
    const wanted = await this.#wanted(settings, payload);
    return planInstall(settings, wanted, await this.readFacts(wanted));
  }

  /** @throws KataError `KATA_INSTALLER_VERIFY` when a second plan is not empty. */
  async install(payload: Payload): Promise<Installed> {
    await sweep(this.#host, this.#settings.prefix);
    await removeLeftovers(this.#store);
    const settings = await this.#keepingUsed();
    const wanted = await this.#wanted(settings, payload);
    const facts = await this.readFacts(wanted);
    const plan = planInstall(settings, wanted, facts);
    const write = async (): Promise<string> => await this.#writeRelease(wanted.manifest, payload);
    const served = [...wantedHandlers(settings), ...wanted.carried];
    await applyPlan(plan, this.#applyContext(facts, served, write));
    const left = planInstall(settings, wanted, await this.readFacts(wanted));
    if (left.actions.length > 0) {
      throw new KataError('KATA_INSTALLER_VERIFY', 'the node is not as planned after the installation', {
        exitCode: exitCodes.verification,
        details: { left: left.actions.map((action) => action.kind) },
      });
    }
    const handlers = wantedHandlers(this.#settings);
    const names = new Set(handlers.map((handler) => handler.name));
    const before = adoptedRecord(this.#settings.prefix, facts)?.handlers ?? [];
    return {
      release: wanted.id,
      version: payload.manifest.version,
      handlers,
      dropped: before.filter((handler) => !names.has(handler.name)),
      plan,
    };
  }

  /** While any sandbox lives, shims that are no longer wanted stay: it may be one of theirs. */
  async #keepingUsed(): Promise<Settings> {
    const { prefix, suffix, shims: wanted } = this.#settings;
    const record = await readRecord(this.#host, prefix);
    const recorded = (record?.handlers ?? []).filter(({ name }) => !isAdopted(record, name));
    if (recorded.length === 0 || (await listSandboxes(this.#host)).length === 0) return this.#settings;
    const names = new Set(recorded.map((handler) => handler.name));
    const kept = [...shims.values()].filter(
      (shim) => names.has(handlerName(shim.name, suffix)) && !wanted.includes(shim),
    );
    return { ...this.#settings, shims: [...wanted, ...kept] };
  }

  async planRemoval(): Promise<Removal> {
    const facts = await this.readFacts();
    return { facts, plan: planRemoval(this.#settings.prefix, facts) };
  }

  /** Does what was planned, unless it has to wait for sandboxes. */
  async remove({ plan, facts }: Removal): Promise<void> {
    await sweep(this.#host, this.#settings.prefix);
    if (plan.waitingFor.length > 0 || facts.record === undefined) return;
    await applyPlan(
      plan,
      this.#applyContext(facts, [], async () => {
        throw new TypeError('a removal writes no release');
      }),
    );
  }

  async readFacts(wanted?: WantedRelease): Promise<NodeFacts> {
    const { prefix } = this.#settings;
    const files = this.#host.files;
    const releases = new Map<string, ReleaseManifest>();
    for (const id of await listReleases(this.#store)) {
      const manifest = await readManifest(this.#store, id);
      if (manifest === undefined) continue;
      // One that is not whole is written anew when it is wanted.
      const isWhole = id !== wanted?.id || (await this.#looksWhole(id));
      if (isWhole) releases.set(id, manifest);
    }
    const links = new Map<string, FileInfo>();
    for (const name of await files.list(prefix)) {
      const info = await files.info(`${prefix}/${name}`);
      if (info?.kind === 'link') links.set(name, info);
    }
    const generated = new Map<HostPath, string>();
    for (const path of [...(wanted?.files.keys() ?? []), ...(wanted?.absent ?? [])]) {
      const content = await files.read(path);
      if (content !== undefined) generated.set(path, content.toString('utf8'));
    }
    const record = await readRecord(this.#host, prefix);
    const engine = await this.#engine.readFacts(record ?? emptyRecord);
    const search = { host: this.#host, store: this.#store, record, engine };
    return {
      record,
      unfinished: await readUnfinished(this.#host, prefix),
      releases,
      engine,
      upstream: await findUpstream({ ...search, topLevel: wanted?.topLevel }),
      sandboxes: await listSandboxes(this.#host),
      bootId: await this.#host.bootId(),
      links,
      generated,
    };
  }

  async #looksWhole(id: string): Promise<boolean> {
    return (await verifyRelease(this.#store, id, { depth: 'at a glance' })).length === 0;
  }

  async #wanted(settings: Settings, payload: Payload): Promise<Wanted> {
    const release = chooseRelease(payload.manifest, wantedComponents(settings));
    const topLevel = new Set(release.entries.map((entry) => entry.path.split('/')[0] ?? ''));
    const wanted = wantedFiles(settings, release.id, await this.#texts(settings, payload, release));
    const carried = await this.#carried(settings, release);
    return {
      id: release.id,
      manifest: release,
      components: [...new Set(release.entries.map((entry) => entry.component))],
      topLevel: [...topLevel].toSorted(),
      ...wanted,
      files: new Map([...wanted.files, ...carried.files]),
      carried: carried.handlers,
      shimInfo: payload.manifest.shimInfo ?? {},
    };
  }

  /** See `carriedHandlers`. */
  async #carried(
    settings: Settings,
    release: ReleaseManifest,
  ): Promise<{ readonly handlers: readonly HandlerEntry[]; readonly files: WantedRelease['files'] }> {
    const { prefix } = settings;
    if ((await listSandboxes(this.#host)).length === 0) return { handlers: [], files: new Map() };
    const record = await readRecord(this.#host, prefix);
    const found = record === undefined ? (await this.#engine.readFacts(emptyRecord)).found : [];
    const handlers = carriedHandlers(record, found, wantedHandlers(settings));
    const paths = new Set(release.entries.map((entry) => entry.path));
    const next = { prefix, id: release.id, paths };
    return { handlers, files: await carriedFiles(this.#host.files, handlers, next) };
  }

  /** What configuration is generated from: from the release when it is there, else from the archives. */
  async #texts(
    settings: Settings,
    payload: Payload,
    release: ReleaseManifest,
  ): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const paths = new Set(wantedTexts(settings));
    const entries = release.entries.filter((entry) => entry.kind === 'file' && paths.has(entry.path));
    for (const { path } of entries) {
      const content = await this.#host.files.read(`${releaseDirectory(settings.prefix, release.id)}/${path}`);
      if (content !== undefined) found.set(path, content.toString('utf8'));
    }
    const missing = entries.filter((entry) => !found.has(entry.path));
    for (const component of new Set(missing.map((entry) => entry.component))) {
      for await (const entry of readArchive(archiveOf(payload, component))) {
        if (entry.kind === 'file' && paths.has(entry.path))
          found.set(entry.path, await readText(entry.content));
      }
    }
    return found;
  }

  #applyContext(
    facts: NodeFacts,
    handlers: readonly HandlerEntry[],
    writeRelease: () => Promise<string>,
  ): Parameters<typeof applyPlan>[1] {
    const { prefix } = this.#settings;
    const { upstream } = facts;
    const begun = adoptedRecord(prefix, facts);
    return {
      host: this.#host,
      prefix,
      record: facts.record,
      begun,
      handlersBefore: facts.engine.found,
      adoptRelease: async () => {
        if (upstream?.tree === undefined) throw new TypeError('there is no tree to adopt');
        return await adoptTree(this.#store, upstream.tree, upstream.names);
      },
      isUnfinished: facts.unfinished !== undefined,
      handlers,
      sandboxes: facts.sandboxes,
      bootId: facts.bootId,
      writeRelease,
      removeRelease: async (id) => {
        await removeRelease(this.#store, id);
      },
      checkEngineConfig: async (owner) => {
        await this.#engine.checkConfig(facts.engine, handlers, owner);
      },
      restartEngine: async (served) => {
        const names = new Set(served.map((handler) => handler.name));
        await this.#engine.restart(
          served,
          (begun ?? emptyRecord).handlers.filter((handler) => !names.has(handler.name)),
        );
      },
      emit: this.#emit,
    };
  }

  async #writeRelease(release: ReleaseManifest, payload: Payload): Promise<string> {
    const plan = await planRelease(this.#store, release);
    const written = await writeRelease(this.#store, payload, plan, { replaces: true });
    const megabytes = (written.bytesWritten / 1e6).toFixed(1);
    return `${written.filesWritten} files written (${megabytes} MB), ${written.filesLinked} linked`;
  }
}

async function readText(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
