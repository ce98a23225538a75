/** A machine in memory, for tests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { lockedError, stoppedError } from '../files/lock-error.ts';
import type { Mount } from '../files/mount-table.ts';
import type { Host, HostLock, HostPath, LockOptions } from '../host.ts';
import { MemoryFiles, type MemoryFilesOptions } from './memory-files.ts';
import type { PowerLossChoice } from './power-loss.ts';
import { MemoryUnits, type MemoryUnitsOptions } from './memory-units.ts';

export interface MemoryHostOptions extends Omit<MemoryFilesOptions, 'now'>, Omit<MemoryUnitsOptions, 'now'> {
  /** The clock does not advance by itself; see `advance`. */
  readonly now?: Date;
  readonly bootId?: string;
  readonly architecture?: string;
}

interface HeldLock {
  readonly holder: string;
  readonly released: Promise<void>;
}

export class MemoryHost implements Host {
  readonly files: MemoryFiles;
  readonly units: MemoryUnits;
  readonly architecture: string;
  isPartial = false;
  /** The mount of all its files. */
  mount: Mount | undefined = { point: '/', device: '/dev/vda', options: ['rw'] };
  /** Directories that our container does not see. */
  unmounted: readonly HostPath[] = [];
  readonly #locks = new Map<HostPath, HeldLock>();
  #bootId: string;
  #nowMs: number;

  constructor(options: MemoryHostOptions = {}) {
    const now = (): Date => this.now();
    this.#nowMs = (options.now ?? new Date('2026-01-01T00:00:00Z')).getTime();
    this.#bootId = options.bootId ?? '00000000-0000-4000-8000-000000000001';
    this.architecture = options.architecture ?? 'amd64';
    this.files = new MemoryFiles({ ...options, now });
    this.units = new MemoryUnits({ ...options, now });
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  advance(milliseconds: number): void {
    this.#nowMs += milliseconds;
  }

  async bootId(): Promise<string> {
    return this.#bootId;
  }

  async mountOf(path: HostPath): Promise<Mount | undefined> {
    return this.unmounted.some((folder) => path.startsWith(folder)) ? undefined : this.mount;
  }

  /** The same machine after a power loss: any part of what was not durable is lost; `/run` is empty. */
  powerLoss(
    choice: PowerLossChoice,
    options: Omit<MemoryHostOptions, 'files' | 'now' | 'root' | 'units'> = {},
  ): MemoryHost {
    const now = this.now();
    const host = new MemoryHost({
      bootId: `${this.#bootId.slice(0, 24)}${String(Number(this.#bootId.slice(24)) + 1).padStart(12, '0')}`,
      architecture: this.architecture,
      ...options,
      now,
      root: this.files.afterPowerLoss(choice),
      units: this.units.afterBoot(now),
    });
    host.files.seed('/run', { directory: true });
    return host;
  }

  /** The machine starts again: locks are released, files stay. */
  reboot(bootId: string): void {
    this.#bootId = bootId;
    this.#locks.clear();
  }

  socketPath(path: HostPath): string {
    return path;
  }

  /** Waits in real time, unlike the clock. */
  async lock(path: HostPath, options: LockOptions): Promise<HostLock> {
    if (options.signal?.aborted === true) throw stoppedError(path, '');
    const first = this.#locks.get(path);
    if (first !== undefined) options.onWait?.(first.holder);
    const { signal, timeoutMs } = options;
    const ended = sleep(timeoutMs, 'expired' as const, { ref: false, ...(signal && { signal }) }).catch(
      () => 'stopped' as const,
    );
    for (let held = first; held !== undefined; held = this.#locks.get(path)) {
      const outcome = await Promise.race([held.released, ended]);
      if (outcome === 'stopped') throw stoppedError(path, held.holder);
      if (outcome === 'expired') throw lockedError(path, options, held.holder);
    }
    const { promise: released, resolve } = Promise.withResolvers<void>();
    const lock = { holder: options.holder, released };
    this.#locks.set(path, lock);
    this.files.seed(path, `${options.holder}\n`);
    return {
      release: async () => {
        if (this.#locks.get(path) === lock) this.#locks.delete(path);
        this.files.seed(path, '');
        resolve();
      },
    };
  }
}
