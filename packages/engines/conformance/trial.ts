/** A machine in memory on which installations are added, changed and removed as by the installer. */
import { posix } from 'node:path';
import { sha256 } from '@kata/core';
import type { HostPath } from '@kata/host';
import { MemoryHost, type MemorySeed } from '@kata/host/memory';
import type { Handler } from '@kata/kata';
import type { Engine, EngineContext, EngineLocation, FileEdit, OwnedFile, UserDropIn } from '../contract.ts';
import type { Oracle, Served, ServedHandler } from './oracle.ts';

/** The desired configuration of one installation; without handlers it is removed. */
export interface Desired {
  readonly handlers: readonly Handler[];
  readonly debug?: boolean;
  readonly userDropIn?: UserDropIn | undefined;
}

/** An engine with what the laws need in addition to the contract. */
export interface TestedEngine<Facts> {
  readonly engine: Engine<Facts>;
  readonly location: EngineLocation;
  /** By the code under test: why the engine could not load its files. */
  readonly problems: (facts: Facts) => readonly string[];
  /** An independent reader. */
  readonly oracle: Oracle;
  readonly expected: Expected;
  readonly mainPath: HostPath;
  /** As an administrator would: adds keys to this handler of ours, where the text has it. */
  readonly addKeys: (text: string, handler: string) => string;
}

/** What the laws expect, written down without the code under test. */
export interface Expected {
  /** A handler of ours as the oracle gives it. */
  readonly handler: (handler: Handler, version: string) => ServedHandler;
  /** A file with one more foreign setting, which has this name; and that setting as the oracle gives it. */
  readonly withSetting: (
    text: string,
    name: string,
  ) => { readonly text: string; readonly settings: Served['settings'] };
  /** The sentences of the contract's faults. */
  readonly faults: {
    readonly missing: (handler: Handler) => string;
    readonly surplus: (handler: Handler) => string;
    /** `name`: of a setting of `withSetting`. */
    readonly lost: (name: string) => string;
    readonly unreadDropIn: (source: string) => string;
    readonly staleDropIn: (path: HostPath) => string;
  };
}

interface Installation {
  readonly owned: readonly OwnedFile[];
  readonly known: readonly Handler[];
}

const nothing: Installation = { owned: [], known: [] };

export class Trial<Facts> {
  readonly host: MemoryHost;
  readonly tested: TestedEngine<Facts>;
  /** Of the engine. */
  version: string;
  /** By suffix. */
  readonly #installations = new Map<string, Installation>();

  constructor(tested: TestedEngine<Facts>, version: string, files: Readonly<Record<HostPath, MemorySeed>>) {
    this.tested = tested;
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
    const { oracle, mainPath } = this.tested;
    return await oracle(this.host.files, mainPath, this.version);
  }

  /** An administrator adds keys to a handler of ours. @throws Error when no file has this handler */
  async addKeys(handler: string): Promise<void> {
    const files = Object.entries(this.tree()).filter(([, content]) => !content.startsWith('link '));
    let found = 0;
    for (const [path] of files) {
      const text = (await this.host.files.read(path as HostPath))?.toString() ?? '';
      const edited = this.tested.addKeys(text, handler);
      if (edited === text) continue;
      found += 1;
      await this.#write(path as HostPath, edited);
    }
    if (found !== 1) throw new Error(`${found} files have the handler ${handler}`);
  }

  /** The faults that the engine reports now; `before`: the facts before an edit that was no step. */
  async faults(suffix: string, desired: Desired, before?: Facts): Promise<readonly string[]> {
    const context = this.#context(suffix, desired);
    const facts = await this.#probe(context);
    return this.tested.engine.findFaults(before ?? facts, facts, desired.handlers, context);
  }

  /** The edits of a step, which are not applied. */
  async plan(suffix: string, desired: Desired): Promise<readonly FileEdit[]> {
    const context = this.#context(suffix, desired);
    return this.tested.engine.planEdits(await this.#probe(context), desired.handlers, context);
  }

  /** Returns the broken laws. Throws when the engine refuses, and then nothing was changed. */
  async step(suffix: string, desired: Desired): Promise<readonly string[]> {
    const { engine, problems } = this.tested;
    const context = this.#context(suffix, desired);
    const before = await this.#probe(context);
    let after = before;
    const broken: string[] = [];
    const states = [await this.#tryServed()];
    for (const { path, ...edit } of engine.planEdits(before, desired.handlers, context)) {
      const present = (await this.host.files.read(path))?.toString();
      if (present !== edit.before) broken.push(`the plan does not match ${path}`);
      await this.#apply(suffix, { path, ...edit });
      after = await this.#probe(this.#context(suffix, desired));
      const state = await this.#tryServed();
      states.push(state);
      const found = [
        ...problems(after),
        ...(state instanceof Error ? [`a start would fail: ${state.message}`] : []),
      ];
      broken.push(...found.map((problem) => `after the edit of ${path}: ${problem}`));
    }
    broken.push(...missingBetween(states));
    const { owned } = this.#installations.get(suffix) ?? nothing;
    this.#installations.set(suffix, { owned, known: desired.handlers });
    const now = this.#context(suffix, desired);
    broken.push(...engine.findFaults(before, after, desired.handlers, now));
    const again = engine.planEdits(after, desired.handlers, now);
    return [...broken, ...again.map(({ path }) => `a second plan would change ${path}`)];
  }

  /** Another program adds a setting with this name; returns it as the oracle gives it. */
  async addSetting(path: HostPath, name: string): Promise<Served['settings']> {
    const before = (await this.host.files.read(path))?.toString() ?? '';
    const { text, settings } = this.tested.expected.withSetting(before, name);
    await this.#write(path, text);
    return settings;
  }

  async facts(suffix = ''): Promise<Facts> {
    return await this.#probe(this.#context(suffix, { handlers: [] }));
  }

  async #tryServed(): Promise<Served | Error> {
    try {
      return await this.served();
    } catch (error) {
      if (error instanceof Error) return error;
      throw error;
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
    return await this.tested.engine.probe(this.host, this.version, context);
  }

  #context(suffix: string, { debug, userDropIn }: Desired): EngineContext {
    const { owned, known } = this.#installations.get(suffix) ?? nothing;
    return {
      location: this.tested.location,
      prefix: prefixOf(suffix),
      suffix,
      owned,
      known,
      debug,
      userDropIn,
    };
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

/** Handlers that are served before and after the edits, but not between any two of them. */
function missingBetween(states: readonly (Served | Error)[]): readonly string[] {
  const names = states.map((state) => (state instanceof Error ? [] : Object.keys(state.handlers)));
  const kept = (names[0] ?? []).filter((name) => names.at(-1)?.includes(name) === true);
  return kept
    .filter((name) => !names.every((each) => each.includes(name)))
    .map((name) => `${name} would not be served between two edits`);
}

function prefixOf(suffix: string): HostPath {
  return suffix === '' ? '/opt/kata' : `/opt/kata-${suffix}`;
}
