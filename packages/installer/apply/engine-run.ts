/** The engine during a run: its starts are told apart, its files are judged, and it is restarted, forwards or back. */
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
  /** The record with which the run begins. */
  readonly begun: OwnershipRecord | undefined;
  /** Handlers that shall be served in the end. */
  readonly handlers: readonly Handler[];
  /** What the engine shall be told beside them; undefined: what the settings say. */
  readonly told: DesiredEngine | undefined;
}

/** Of the engine, by a run; `broken off`: it was stopped, and systemd did not start it, or does not say. */
type Restarts = 'none' | 'broken off' | 'failed' | 'done';

const kubeletUnit = 'kubelet.service';

export class EngineRun {
  readonly #options: EngineRunOptions;
  #restarts: Restarts = 'none';
  /** The start that was the present one before the first change that concerns the engine. */
  #startBefore: string | undefined;
  #restartedKubelet = false;

  constructor(options: EngineRunOptions) {
    this.#options = options;
  }

  /** The engine was restarted or at least stopped, and not for good. */
  get failedRestart(): boolean {
    return this.#restarts === 'failed' || this.#restarts === 'broken off';
  }

  /** Its unit went with the engine's, or it is a part of the engine's program: it may write labels of its own. */
  get restartedKubelet(): boolean {
    return this.#restartedKubelet;
  }

  /** Before the first change that concerns it. */
  async noteStart(): Promise<void> {
    this.#startBefore ??= await this.#invocation();
  }

  /** What the engine has to load from now on. */
  async changedNow(): Promise<EngineNote> {
    return noteOfChange({ invocationId: await this.#invocation() });
  }

  /** @throws KataError when the engine could not load its configuration as it is on disk. */
  async check(owner: OwnershipRecord, done: readonly Action[]): Promise<void> {
    const { session, facts, handlers, told } = this.#options;
    await session.checkConfig(facts.engine, done, handlers, owner, told);
  }

  /** What gives the engine's files as they are now just the handlers that they named before the run. */
  async planEditsBefore(owner: OwnershipRecord): Promise<readonly FileEdit[]> {
    const { session, facts } = this.#options;
    return await session.planEdits(facts.engine, facts.engine.found, owner, facts.record?.engine);
  }

  /** Resolves when it answers and serves exactly what it should. */
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
   * After everything is put back, when the engine may have loaded what was there meanwhile. `failed`: what the run
   * failed at. Returns what the engine has to load, where that is another thing now,
   * and the error to end with in place of `cause`.
   */
  async restartAsBefore(
    failed: Action | undefined,
    cause: unknown,
  ): Promise<{ readonly note?: EngineNote; readonly error?: KataError }> {
    const { engine, engineNote } = this.#options.facts;
    const isItsFault = failed?.kind === 'engine.restart' && this.#restarts === 'failed';
    // Somebody else may have restarted it in between.
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
    // What others say of a handler stays with them, whole or not, and so the engine lists it.
    const others = new Set(facts.engine.others.map(({ name }) => name));
    const gone = (begun ?? emptyRecord).handlers.filter(({ name }) => !names.has(name) && !others.has(name));
    await session.restart(handlers, gone);
  }

  /** Where systemd refused the restart or gave it up, the engine was not started, so what was changed is not to blame. */
  async #restartsSince(before: string | undefined): Promise<Restarts> {
    try {
      if ((await this.#invocation()) !== before) return 'failed';
      return (await this.#invocation('only while it runs')) === undefined ? 'broken off' : this.#restarts;
    } catch (error) {
      // What failed first is what to tell.
      if (error instanceof KataError) return 'broken off';
      throw error;
    }
  }

  /** Of the engine's present start; see `UnitState`. */
  async #invocation(when?: 'only while it runs'): Promise<string | undefined> {
    const { units, facts } = this.#options;
    const state = await units.state(facts.engine.unit);
    return when === undefined || state?.active === 'active' ? state?.invocationId : undefined;
  }
}

function inOneLine(error: unknown): string {
  return describeError(error).replaceAll('\n  ', ', ');
}
