/** A node in memory whose engine serves what its files contained at its last start. */
import { KataError } from '@kata/core';
import { type HostPath, type ProgramRun, systemError } from '@kata/host';
import {
  type MemoryChange,
  MemoryHost,
  type MemoryHostOptions,
  type MemorySeed,
  type MemoryStep,
  type PowerLossChoice,
} from '@kata/host/memory';
import { Installation } from '../installation/installation.ts';
import type { InstallationOptions } from '../installation/site.ts';
import type { Emit, ProgressEvent } from '@kata/report';
import type { Settings } from '@kata/settings';
import type { EngineClient } from '../engine/engine-client.ts';
import { type Verification, verifyInstallation } from '../verification/verify-installation.ts';
import { answer, enginePath } from './program.ts';
import { readEngine, type ServedHandler } from './read-engine.ts';

export interface Machine {
  readonly name: string;
  /** Of containerd. */
  readonly version: string;
  readonly files: Readonly<Record<HostPath, MemorySeed>>;
}

/** The time of a hold in the record. */
const times = /"since": "[^"]*"/g;
/** Boot ids in the record. */
const boots = /00000000-0000-4000-8000-\d{12}/g;

/** See `MemoryHostOptions`. */
type NodeOptions = Pick<MemoryHostOptions, 'freeBytes' | 'startLimit'>;

type Hooks = Pick<MemoryHostOptions, 'beforeChange' | 'beforeStep' | 'mask' | 'onProgram' | 'onRestart'>;

export class MemoryNode {
  readonly host: MemoryHost;
  /** Runs before each system call that changes the disk. */
  onStep: ((step: MemoryStep) => void) | undefined;
  /** Runs before each change of a file, which is several of those calls. */
  onChange: ((change: MemoryChange) => void) | undefined;
  /** Number of changes, with the present one. */
  changes = 0;
  /** The engine does not answer on its socket. */
  isUnresponsive = false;
  /** The next start fails, whatever its files contain. */
  refusesStart = false;
  /** Version of the engine's program on disk, which a restart runs. */
  diskVersion: string;
  /** See `Program`. */
  refuses: string | undefined;
  /** Runs when the engine is being restarted. */
  onRestart: (() => void) | undefined;
  /** Runs before the engine's program answers: a place to throw. */
  onQuery: ((run: ProgramRun) => void) | undefined;
  readonly #machine: Machine;
  #version: string;
  #served: readonly ServedHandler[] = [];

  private constructor(machine: Machine, makeHost: (hooks: Hooks) => MemoryHost) {
    this.#machine = machine;
    this.#version = machine.version;
    this.diskVersion = machine.version;
    this.host = makeHost({
      // The umask of our programs.
      mask: 0o022,
      beforeChange: (change) => {
        this.changes += 1;
        this.onChange?.(change);
      },
      beforeStep: (step) => {
        this.host.advance(1);
        this.onStep?.(step);
      },
      onRestart: async () => {
        this.host.advance(1000);
        this.onRestart?.();
        if (this.refusesStart) {
          this.refusesStart = false;
          throw new KataError('KATA_HOST_UNIT', 'the engine does not start');
        }
        await this.#startEngine();
      },
      onProgram: async (run) => {
        this.onQuery?.(run);
        return await answer(this.host.files, { version: this.diskVersion, refuses: this.refuses }, run);
      },
    });
  }

  static async start(machine: Machine, options: NodeOptions = {}): Promise<MemoryNode> {
    const state = { active: 'active', startedAtMs: Date.parse('2026-01-01') };
    const units = { 'containerd.service': { ...state, command: [enginePath], program: enginePath } };
    const node = new MemoryNode(
      machine,
      (hooks) => new MemoryHost({ ...hooks, ...options, units, files: machine.files }),
    );
    await node.#startEngine();
    return node;
  }

  /** The machine after a power loss; its engine is not running before `boot`. */
  afterPowerLoss(choice: PowerLossChoice): MemoryNode {
    return new MemoryNode(this.#machine, (hooks) => this.host.powerLoss(choice, hooks));
  }

  /** @throws Error when the engine would not start with its files. */
  async boot(): Promise<void> {
    await this.#startEngine();
  }

  /** @throws Error when the engine would not start again; the running engine is not changed. */
  async checkEngine(): Promise<void> {
    await readEngine(this.host.files);
  }

  /** A restart by an administrator or another tool. */
  async restartByOthers(): Promise<void> {
    this.host.units.start('containerd.service');
    await this.#startEngine();
  }

  installation(
    settings: Settings,
    options: Partial<Pick<InstallationOptions, 'attempt' | 'emit' | 'sandboxes' | 'signal'>> = {},
  ): Installation {
    // Small, because thousands of trees are compared.
    return new Installation({
      reserveBytes: 64,
      host: this.host,
      settings,
      engine: this.#engine,
      emit: () => undefined,
      ...options,
    });
  }

  /** Returns the ids of the sandboxes that must end first. */
  async remove(settings: Settings): Promise<readonly string[]> {
    const installation = this.installation(settings);
    return (await installation.remove(await installation.planRemoval())).map(({ id }) => id);
  }

  async verify(settings: Settings, emit: Emit<ProgressEvent> = () => undefined): Promise<Verification> {
    return await verifyInstallation({ host: this.host, settings, engine: this.#engine, emit });
  }

  /** From now on these changes fail with a disk error. */
  failChanges(fails: (change: MemoryChange) => boolean): void {
    this.onChange = (change) => {
      if (fails(change)) throw systemError('EIO', 'write', change.path);
    };
  }

  /** Restarts of the engine so far. */
  get restarts(): number {
    return this.host.units.restarts.length;
  }

  /** The handlers that the running engine serves, with the shim information that it caches. */
  served(): string {
    const keeps = this.#version.startsWith('2.2');
    return this.#served
      .map(({ name, shim }) => (keeps ? `${name} by ${shim}` : name))
      .toSorted()
      .join(', ');
  }

  /** All files that outlive a boot. */
  tree(): Readonly<Record<string, string>> {
    const all = Object.entries(this.host.files.snapshot('/'));
    const kept = all.filter(([path]) => !/^\/run(\/|$)/.test(path));
    return Object.fromEntries(
      kept.map(([path, text]) => [path, text.replaceAll(boots, '(boot)').replaceAll(times, '(time)')]),
    );
  }

  readonly #engine: EngineClient = {
    // Nothing takes time in memory.
    intervalMs: 1,
    version: async () => {
      if (this.isUnresponsive) throw new KataError('KATA_HOST_CRI', 'no answer');
      return this.#version;
    },
    servedHandlers: async () => this.#served.map((handler) => handler.name),
  };

  async #startEngine(): Promise<void> {
    this.#served = await readEngine(this.host.files);
    this.#version = this.diskVersion;
  }
}
