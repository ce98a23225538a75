/** Units in memory that record their restarts, for tests. */
import { posix } from 'node:path';
import type { HostUnits, ProgramRun, UnitState } from '../host.ts';
import { unitError } from '../systemd/unit-error.ts';

export interface MemoryUnitsOptions {
  readonly units?: Readonly<Record<string, UnitState>>;
  readonly now?: () => Date;
  /** Called before a unit is restarted, to examine the machine or to throw. */
  readonly onRestart?: (unit: string) => void | Promise<void>;
  /** The number of starts in a row by other programs that systemd allows; default: any number. */
  readonly startLimit?: number;
  /** Runs a program: writes its output and resolves with its exit code; default: no program can be run. */
  readonly onProgram?: (run: ProgramRun) => Promise<number>;
}

let starts = 0;

/** A different one for every start in every machine. */
function newStart({ active }: UnitState): Partial<UnitState> {
  if (active !== 'active') return {};
  starts += 1;
  return { mainPid: 1000 + starts, invocationId: starts.toString(16).padStart(32, '0') };
}

/** From the unit's files, whatever its state. */
function startOf(state: UnitState | undefined): Pick<UnitState, 'command' | 'killMode' | 'program'> {
  const { command, killMode, program } = state ?? {};
  return {
    ...(killMode === undefined ? {} : { killMode }),
    ...(command === undefined ? {} : { command }),
    ...(program === undefined ? {} : { program }),
  };
}

export class MemoryUnits implements HostUnits {
  /** The units that were restarted or reloaded, in this order. */
  readonly restarts: string[] = [];
  readonly reloads: string[] = [];
  readonly #units: Map<string, UnitState>;
  readonly #options: MemoryUnitsOptions;
  readonly #startsInRow = new Map<string, number>();

  constructor(options: MemoryUnitsOptions = {}) {
    this.#options = options;
    this.#units = new Map(
      Object.entries(options.units ?? {}).map(([unit, state]) => [unit, { ...newStart(state), ...state }]),
    );
  }

  set(unit: string, state: UnitState): void {
    this.#units.set(unit, state);
  }

  /** All of them, started at this time. */
  afterBoot(time: Date): Readonly<Record<string, UnitState>> {
    const startedAtMs = time.getTime();
    const units = [...this.#units].map(([unit, state]): [string, UnitState] => [
      unit,
      { ...startOf(state), active: 'active', startedAtMs },
    ]);
    return Object.fromEntries(units);
  }

  /** A start by another program; unlike `restart` it calls no hook. @throws KataError at the start limit */
  start(unit: string): void {
    const count = (this.#startsInRow.get(unit) ?? 0) + 1;
    this.#startsInRow.set(unit, count);
    if (count > (this.#options.startLimit ?? Infinity)) {
      const state = this.#units.get(unit);
      this.#units.set(unit, { ...startOf(state), active: 'failed', startedAtMs: state?.startedAtMs });
      throw unitError({ unit, operation: 'restart', result: 'start-limit-hit' });
    }
    const startedAtMs = (this.#options.now?.() ?? new Date(0)).getTime();
    const state: UnitState = { ...startOf(this.#units.get(unit)), active: 'active', startedAtMs };
    this.#units.set(unit, { ...newStart(state), ...state });
  }

  async state(unit: string): Promise<UnitState | undefined> {
    return this.#units.get(unit);
  }

  async activeAmong(units: readonly string[]): Promise<readonly string[]> {
    return units.filter((unit) => this.#units.get(unit)?.active === 'active');
  }

  async activeLike(patterns: readonly string[]): Promise<readonly string[]> {
    const names = [...this.#units].flatMap(([unit, { active }]) => (active === 'active' ? [unit] : []));
    return names.filter((name) => patterns.some((each) => posix.matchesGlob(name, each))).toSorted();
  }

  async restart(unit: string, _timeoutMs: number): Promise<void> {
    if (!this.#units.has(unit)) throw unitError({ unit, operation: 'restart', result: 'NoSuchUnit' });
    this.restarts.push(unit);
    this.#startsInRow.delete(unit);
    try {
      await this.#options.onRestart?.(unit);
    } finally {
      // A failed start counts, too.
      this.start(unit);
    }
  }

  async reload(unit: string, _timeoutMs: number): Promise<void> {
    if (this.#units.get(unit)?.active !== 'active') {
      throw unitError({ unit, operation: 'reload', result: this.#units.has(unit) ? 'failed' : 'NoSuchUnit' });
    }
    this.reloads.push(unit);
  }

  async runProgram(run: ProgramRun): Promise<number> {
    const { onProgram } = this.#options;
    if (onProgram !== undefined) return await onProgram(run);
    throw unitError({ unit: run.unit, operation: 'run', result: 'nothing can be run in memory' });
  }
}
