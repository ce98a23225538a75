/** A machine in memory on which installations are added, changed and removed as by the installer. */
import { posix } from 'node:path';
import { sha256 } from '@kata/core';
import type { HostPath } from '@kata/host';
import { MemoryHost, type MemorySeed } from '@kata/host/memory';
import type { Handler } from '@kata/kata';
import type { Engine, EngineContext, FileEdit, OwnedFile, UserDropIn } from '../contract.ts';
import type { Oracle, Served } from './oracle.ts';

/** The desired configuration of one installation; without handlers it is removed. */
export interface Desired {
  readonly handlers: readonly Handler[];
  readonly debug?: boolean;
  readonly userDropIn?: UserDropIn | undefined;
}

/** An engine with what the laws need in addition to the contract. */
export interface TestedEngine<Facts> {
  readonly engine: Engine<Facts>;
  /** By the code under test: why the engine could not load its files. */
  readonly problems: (facts: Facts) => readonly string[];
  /** An independent reader. */
  readonly oracle: Oracle;
  readonly mainPath: HostPath;
  /** As an administrator would: adds keys to this handler of ours, where the text has it. */
  readonly addKeys: (text: string, handler: string) => string;
}

interface Installation {
  readonly owned: readonly OwnedFile[];
  readonly known: readonly Handler[];
}

const nothing: Installation = { owned: [], known: [] };

export class Trial<Facts> {
  readonly host: MemoryHost;
  /** Of the engine. */
  version: string;
  readonly #tested: TestedEngine<Facts>;
  /** By suffix. */
  readonly #installations = new Map<string, Installation>();

  constructor(tested: TestedEngine<Facts>, version: string, files: Readonly<Record<HostPath, MemorySeed>>) {
    this.#tested = tested;
    this.version = version;
    this.host = new MemoryHost({ files });
  }

  /** Files and links with their modes; directories do not count. */
  tree(): Readonly<Record<string, string>> {
    const all = Object.entries(this.host.files.snapshot('/'));
    return Object.fromEntries(all.filter(([, text]) => !text.startsWith('directory ')));
  }

  /** @throws Error when the engine would not start, according to the oracle */
  async served(): Promise<Served> {
    const { oracle, mainPath } = this.#tested;
    return await oracle(this.host.files, mainPath, this.version);
  }

  /** An administrator adds keys to a handler of ours. @throws Error when no file has this handler */
  async addKeys(handler: string): Promise<void> {
    const files = Object.entries(this.tree()).filter(([, content]) => !content.startsWith('link '));
    let found = 0;
    for (const [path] of files) {
      const text = (await this.host.files.read(path as HostPath))?.toString() ?? '';
      const edited = this.#tested.addKeys(text, handler);
      if (edited === text) continue;
      found += 1;
      await this.#write(path as HostPath, edited);
    }
    if (found !== 1) throw new Error(`${found} files have the handler ${handler}`);
  }

  /** The faults that the engine reports when nothing has been applied. */
  async faults(suffix: string, desired: Desired): Promise<readonly string[]> {
    const context = this.#context(suffix, desired);
    const facts = await this.#probe(context);
    return this.#tested.engine.findFaults(facts, facts, desired.handlers, context);
  }

  /** The edits of a step, which are not applied. */
  async plan(suffix: string, desired: Desired): Promise<readonly FileEdit[]> {
    const context = this.#context(suffix, desired);
    return this.#tested.engine.planEdits(await this.#probe(context), desired.handlers, context);
  }

  /** Returns the broken laws. Throws when the engine refuses, and then nothing was changed. */
  async step(suffix: string, desired: Desired): Promise<readonly string[]> {
    const { engine, problems } = this.#tested;
    const context = this.#context(suffix, desired);
    const before = await this.#probe(context);
    let after = before;
    const broken: string[] = [];
    for (const { path, ...edit } of engine.planEdits(before, desired.handlers, context)) {
      const present = (await this.host.files.read(path))?.toString();
      if (present !== edit.before) broken.push(`the plan does not match ${path}`);
      await this.#apply(suffix, { path, ...edit });
      after = await this.#probe(this.#context(suffix, desired));
      const found = [...problems(after), ...(await this.#startProblems())];
      broken.push(...found.map((problem) => `after the edit of ${path}: ${problem}`));
    }
    const { owned } = this.#installations.get(suffix) ?? nothing;
    this.#installations.set(suffix, { owned, known: desired.handlers });
    const now = this.#context(suffix, desired);
    broken.push(...engine.findFaults(before, after, desired.handlers, now));
    const again = engine.planEdits(after, desired.handlers, now);
    return [...broken, ...again.map(({ path }) => `a second plan would change ${path}`)];
  }

  async facts(suffix = ''): Promise<Facts> {
    return await this.#probe(this.#context(suffix, { handlers: [] }));
  }

  async #startProblems(): Promise<readonly string[]> {
    try {
      await this.served();
      return [];
    } catch (error) {
      return [`a start would fail: ${String(error)}`];
    }
  }

  /** With its entry in the record. */
  async #apply(suffix: string, { path, after, original }: FileEdit): Promise<void> {
    if (after === undefined) await this.host.files.remove(path);
    else await this.#write(path, after);
    const { owned, known } = this.#installations.get(suffix) ?? nothing;
    const others = owned.filter((file) => file.path !== path);
    const isLeft = after !== undefined && after !== original;
    const record = isLeft ? [...others, { path, original, leftSha256: sha256(after) }] : others;
    this.#installations.set(suffix, { owned: record, known });
  }

  async #write(path: HostPath, text: string): Promise<void> {
    await this.host.files.makeDirectory(posix.dirname(path) as HostPath);
    await this.host.files.write(path, Buffer.from(text));
  }

  async #probe(context: EngineContext): Promise<Facts> {
    return await this.#tested.engine.probe(this.host, this.version, context);
  }

  #context(suffix: string, { debug, userDropIn }: Desired): EngineContext {
    const { owned, known } = this.#installations.get(suffix) ?? nothing;
    return { prefix: prefixOf(suffix), suffix, owned, known, debug, userDropIn };
  }
}

export function someHandlers(
  names: readonly string[],
  suffix = '',
  snapshotter?: string,
): readonly Handler[] {
  return names.map((name) => ({
    name: suffix === '' ? name : `${name}-${suffix}`,
    shimPath: `${prefixOf(suffix)}/bin/containerd-shim-kata-v2`,
    configPath: `${prefixOf(suffix)}/share/defaults/kata-containers/configuration-${name}.toml`,
    ...(snapshotter === undefined ? {} : { snapshotter }),
  }));
}

function prefixOf(suffix: string): HostPath {
  return suffix === '' ? '/opt/kata' : `/opt/kata-${suffix}`;
}
