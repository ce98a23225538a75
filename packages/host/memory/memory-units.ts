/** Units that exist only in memory and remember their restarts, for tests. */
import type { HostUnits, UnitState } from '../host.ts';
import { unitError } from '../systemd/unit-error.ts';

export interface MemoryUnitsOptions {
  readonly units?: Readonly<Record<string, UnitState>>;
  readonly now?: () => Date;
  /** Called before a unit is restarted: a place to look at the machine, or to throw. */
  readonly onRestart?: (unit: string) => void | Promise<void>;
}

export class MemoryUnits implements HostUnits {
  /** The units that were restarted or reloaded, in this order. */
  readonly restarts: string[] = [];
  readonly reloads: string[] = [];
  readonly #units: Map<string, UnitState>;
  readonly #options: MemoryUnitsOptions;

  constructor(options: MemoryUnitsOptions = {}) {
    this.#options = options;
    this.#units = new Map(Object.entries(options.units ?? {}));
  }

  set(unit: string, state: UnitState): void {
    this.#units.set(unit, state);
  }

  /** All of them, started at this time. */
  afterBoot(time: Date): Readonly<Record<string, UnitState>> {
    const started: UnitState = { active: 'active', startedAtMs: time.getTime() };
    return Object.fromEntries([...this.#units.keys()].map((unit) => [unit, started]));
  }

  async state(unit: string): Promise<UnitState | undefined> {
    return this.#units.get(unit);
  }

  async activeAmong(units: readonly string[]): Promise<readonly string[]> {
    return units.filter((unit) => this.#units.get(unit)?.active === 'active');
  }

  async restart(unit: string, _timeoutMs: number): Promise<void> {
    if (!this.#units.has(unit)) throw unitError({ unit, operation: 'restart', result: 'NoSuchUnit' });
    this.restarts.push(unit);
    await this.#options.onRestart?.(unit);
    const startedAtMs = (this.#options.now?.() ?? new Date(0)).getTime();
    this.#units.set(unit, { active: 'active', startedAtMs });
  }

  async reload(unit: string, _timeoutMs: number): Promise<void> {
    if (this.#units.get(unit)?.active !== 'active') {
      throw unitError({ unit, operation: 'reload', result: this.#units.has(unit) ? 'failed' : 'NoSuchUnit' });
    }
    this.reloads.push(unit);
  }
}
