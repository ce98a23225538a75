/** A trial next to the same machine without us: after each step the engine must serve what it serves there, and ours. */
import { KataError } from '@kata/core';
import type { HostPath } from '@kata/host';
import { expect } from 'vitest';
import { expectServed } from './expect-served.ts';
import { type EngineFixture, refusalOf } from './fixture.ts';
import type { Served } from './oracle.ts';
import { type Desired, type TestedEngine, Trial } from './trial.ts';

export class Walk<Facts> {
  readonly #fixture: EngineFixture;
  readonly #trial: Trial<Facts>;
  /** With the same foreign edits and version of the engine, but no installation. */
  readonly #bare: Trial<Facts>;
  /** By suffix. */
  readonly #present = new Map<string, Desired>();
  #foreignCount = 0;
  /** Foreign settings in files that exist only because of us. */
  #settingsInOurs: Served['settings'] = {};

  constructor(tested: TestedEngine<Facts>, fixture: EngineFixture) {
    this.#fixture = fixture;
    this.#trial = new Trial(tested, fixture.version, fixture.files);
    this.#bare = new Trial(tested, fixture.version, fixture.files);
  }

  /** Applied, or refused as the fixture says, and then nothing changes. */
  async step(suffix: string, desired: Desired): Promise<void> {
    const code = refusalOf(this.#fixture, desired);
    if (code === undefined) {
      expect(await this.#trial.step(suffix, desired)).toEqual([]);
      this.#present.set(suffix, desired);
    } else {
      const before = this.#trial.tree();
      expect(await refusedCode(this.#trial.step(suffix, desired))).toBe(code);
      expect(this.#trial.tree()).toEqual(before);
    }
    await this.#expectServed();
  }

  /** The engine starts with another version before any further step. */
  async changeVersion(version: string): Promise<void> {
    this.#trial.version = version;
    this.#bare.version = version;
    const isLost = this.#present.size > 0 && this.#fixture.losesOursWith.includes(version);
    if (isLost) await expect(this.#expectServed()).rejects.toThrow();
    else await this.#expectServed();
  }

  /** Another program adds a setting to each file. */
  async editAll(): Promise<void> {
    const files = Object.entries(this.#trial.tree()).filter(([, text]) => !text.startsWith('link '));
    const theirs = this.#bare.tree();
    for (const path of files.map(([each]) => each as HostPath)) {
      this.#foreignCount += 1;
      const name = `theirs-${this.#foreignCount}`;
      const settings = await this.#trial.addSetting(path, name);
      if (Object.hasOwn(theirs, path)) await this.#bare.addSetting(path, name);
      else this.#settingsInOurs = { ...this.#settingsInOurs, ...settings };
    }
    await this.#expectServed();
  }

  /** What is there already, in any order of the handlers, is no reason for an edit and a restart. */
  async expectNoEdits(): Promise<void> {
    for (const [suffix, { handlers, ...options }] of this.#present) {
      const reversed = { handlers: handlers.toReversed(), ...options };
      expect(await this.#trial.plan(suffix, reversed)).toEqual([]);
    }
  }

  /** Earlier steps and versions leave no trace, except in a main file of ours, which keeps its format. */
  async expectAsFirstStep(): Promise<void> {
    const isMainOurs = !Object.hasOwn(this.#bare.tree(), this.#trial.tested.mainPath);
    if (isMainOurs && this.#trial.version !== this.#fixture.version) return;
    const first = new Trial(this.#trial.tested, this.#trial.version, this.#fixture.files);
    for (const [suffix, desired] of this.#present) expect(await first.step(suffix, desired)).toEqual([]);
    expect(this.#trial.tree()).toEqual(first.tree());
  }

  /** Byte for byte, except files of ours in which others have settings. */
  expectRestored(): void {
    const start = this.#bare.tree();
    const left = Object.entries(this.#trial.tree());
    const isEdited = Object.keys(this.#settingsInOurs).length > 0;
    expect(Object.fromEntries(left.filter(([path]) => !isEdited || Object.hasOwn(start, path)))).toEqual(
      start,
    );
  }

  async #expectServed(): Promise<void> {
    const bare = await this.#bare.served();
    const all = [...this.#present.values()];
    // Files of ours may be gone or unused then.
    const isRemoved = all.every(({ handlers }) => handlers.length === 0);
    const { settings: present } = await this.#trial.served();
    const inOurs = Object.entries(this.#settingsInOurs).filter(
      ([path]) => !isRemoved || Object.hasOwn(present, path),
    );
    const settings = { ...bare.settings, ...Object.fromEntries(inOurs) };
    await expectServed(this.#trial, { ...bare, settings }, all, this.#fixture.userDropIn?.settings);
  }
}

async function refusedCode(step: Promise<unknown>): Promise<string> {
  try {
    return `not refused: ${JSON.stringify(await step)}`;
  } catch (error) {
    if (error instanceof KataError) return error.code;
    throw error;
  }
}
