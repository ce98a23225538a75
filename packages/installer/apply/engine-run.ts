/** The engine during a run: tracks its starts, checks its files, and restarts it after changes or after their rollback. */
import type { DesiredEngine } from '@kata/artifacts';
import { describeError, KataError } from '@kata/core';
import type { FileEdit } from '@kata/engines';
import type { HostUnits } from '@kata/host';
import type { Handler } from '@kata/kata';
import { engineFailure, type EngineOutcome } from '../engine/engine-failure.ts';
import type { EngineSession } from '../engine/engine-session.ts';
import type { NodeFacts } from '../facts/facts.ts';
import type { Action } from '../state/actions.ts';
import { type EngineNote, noteOfChange } from '../state/activation.ts';
import { emptyRecord, type OwnershipRecord } from '../state/record.ts';

export interface EngineRunOptions {
  readonly units: Pick<HostUnits, 'state'>;
  readonly session: EngineSession;
  readonly facts: NodeFacts;
  /** The record at the start of the run. */
  readonly begun: OwnershipRecord | undefined;
  /** Handlers that shall be served in the end. */
  readonly handlers: readonly Handler[];
  /** The engine's configuration in addition to handlers; undefined: that of the settings. */
  readonly told: DesiredEngine | undefined;
}

/** Restarts of the engine by this run; `incomplete`: it was stopped, and systemd did not start it, or does not report it. */
type Restarts = 'none' | 'incomplete' | 'failed' | 'done';

const kubeletUnit = 'kubelet.service';

export class EngineRun {
  readonly #options: EngineRunOptions;
  #restarts: Restarts = 'none';
  /** InvocationID before the first change that concerns the engine. */
  #startBefore: string | undefined;
  #restartedKubelet = false;

  constructor(options: EngineRunOptions) {
    this.#options = options;
  }

  /** Whether this run restarted or stopped the engine, and it did not start with the changes. */
  get failedRestart(): boolean {
    return this.#restarts === 'failed' || this.#restarts === 'incomplete';
  }

  /** Whether kubelet was restarted with the engine, as its unit or as part of the engine: it may overwrite labels. */
  get restartedKubelet(): boolean {
    return this.#restartedKubelet;
  }

  /** Must be called before the first change that concerns the engine. */
  async noteStart(): Promise<void> {
    this.#startBefore ??= await this.#invocation();
  }

  /** The journal's note after a change: which start has not loaded it. */
  async changedNow(): Promise<EngineNote> {
    return noteOfChange({ invocationId: await this.#invocation() });
  }

  /** @throws KataError when the engine could not load its configuration as it is on disk. */
  async check(owner: OwnershipRecord, done: readonly Action[]): Promise<void> {
    const { session, facts, handlers, told } = this.#options;
    await session.checkConfig(facts.engine, done, handlers, owner, told);
  }

  /** Edits that restore the handlers of before the run in the engine's present files. */
  async planEditsBefore(owner: OwnershipRecord): Promise<readonly FileEdit[]> {
    const { session, facts } = this.#options;
    return await session.planEdits(facts.engine, facts.engine.found, owner, facts.record?.engine);
  }

  /** Resolves when it answers and serves exactly the wanted handlers. */
  async restart(): Promise<void> {
    const { units, handlers } = this.#options;
    const before = await this.#invocation();
    const kubelet = await units.state(kubeletUnit);
    try {
      await this.#restartFor(handlers);
    } catch (error) {
      this.#restarts = await this.#restartsSince(before);
      throw error;
    }
    this.#restarts = 'done';
    const now = await units.state(kubeletUnit);
    this.#restartedKubelet = now?.active !== 'active' || now.invocationId !== kubelet?.invocationId;
  }

  /**
   * Restarts the engine after a rollback, when it may have loaded the changes. `failed`: the action that failed. Returns
   * the new note for the journal, if it changes, and the error to end with instead of `cause`.
   */
  async restartAsBefore(
    failed: Action | undefined,
    cause: unknown,
  ): Promise<{ readonly note?: EngineNote; readonly error?: KataError }> {
    const { engine, engineNote } = this.#options.facts;
    const isItsFault = failed?.kind === 'engine.restart' && this.#restarts === 'failed';
    // Another program may have restarted it meanwhile.
    const isAnother = this.#startBefore !== undefined && this.#startBefore !== (await this.#invocation());
    if (this.#restarts === 'none' && !isAnother) return { note: engineNote };
    const failure = (outcome: EngineOutcome): KataError =>
      engineFailure(outcome, { engineUnit: engine.unit, unloaded: engine.unloaded }, cause);
    try {
      await this.#restartFor(engine.found.filter(({ name }) => engine.served?.includes(name) === true));
      return isItsFault
        ? { note: 'loaded', error: failure({ isItsFault, state: 'as before' }) }
        : { note: 'loaded' };
    } catch (error) {
      const isRunning = (await this.#invocation('only while it runs').catch(() => undefined)) !== undefined;
      const state = isRunning ? 'runs otherwise' : 'down';
      return { error: failure({ isItsFault, state, error: inOneLine(error) }) };
    }
  }

  async #restartFor(handlers: readonly Handler[]): Promise<void> {
    const { session, facts, begun } = this.#options;
    const names = new Set(handlers.map((handler) => handler.name));
    // Foreign entries of a handler stay in the files, so the engine keeps listing it.
    const others = new Set(facts.engine.others.map(({ name }) => name));
    const gone = (begun ?? emptyRecord).handlers.filter(({ name }) => !names.has(name) && !others.has(name));
    await session.restart(handlers, gone);
  }

  /** When systemd refused or cancelled the restart, the engine was not started, so the changes are not the cause. */
  async #restartsSince(before: string | undefined): Promise<Restarts> {
    try {
      if ((await this.#invocation()) !== before) return 'failed';
      return (await this.#invocation('only while it runs')) === undefined ? 'incomplete' : this.#restarts;
    } catch (error) {
      // The first error is the one to report.
      if (error instanceof KataError) return 'incomplete';
      throw error;
    }
  }

  /** Of the engine's current start; see `UnitState`. */
  async #invocation(when?: 'only while it runs'): Promise<string | undefined> {
    const { units, facts } = this.#options;
    const state = await units.state(facts.engine.unit);
    return when === undefined || state?.active === 'active' ? state?.invocationId : undefined;
  }
}

function inOneLine(error: unknown): string {
  return describeError(error).replaceAll('\n  ', ', ');
}
