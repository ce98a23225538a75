/** Units that exist only in memory and remember their restarts, for tests. */
import { posix } from 'node:path';
import type { HostUnits, ProgramRun, UnitState } from '../host.ts';
import { unitError } from '../systemd/unit-error.ts';

export interface MemoryUnitsOptions {
  readonly units?: Readonly<Record<string, UnitState>>;
  readonly now?: () => Date;
  /** Called before a unit is restarted: a place to look at the machine, or to throw. */
  readonly onRestart?: (unit: string) => void | Promise<void>;
  /** So many starts in a row by others, and systemd refuses the next; left out: any number. */
  readonly startLimit?: number;
  /** Runs a program: writes its output and resolves with its exit code; left out: no program can be run. */
  readonly onProgram?: (run: ProgramRun) => Promise<number>;
}

let starts = 0;

/** Of every start in every machine, another one. */
function newStart({ active }: UnitState): Partial<UnitState> {
  if (active !== 'active') return {};
  starts += 1;
  return { mainPid: 1000 + starts, invocationId: starts.toString(16).padStart(32, '0') };
}

/** What its files say, whatever became of it. */
function startOf(state: UnitState | undefined): Pick<UnitState, 'command' | 'program'> {
  const { command, program } = state ?? {};
  return {
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

  /** As anybody on the machine can; unlike `restart` nobody is told. @throws KataError at the limit on starts */
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
      // One that fails is a start, too.
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
