/** The units of a machine, queried and restarted through its systemd. */
import { exitCodes, KataError, waitFor } from '@kata/core';
import { DBusError } from 'dbus-native';
import type { HostPath, HostUnits, ProgramRun, UnitState } from '../host.ts';
import { readBootId } from '../linux/boot-id.ts';
import { toInvocation } from './invocation.ts';
import {
  mayComeBack,
  type ManagerConnection,
  openManager,
  type SystemdSockets,
} from './manager-connection.ts';
import { firstFailureOfSystemd, programProperties } from './program-unit.ts';
import { remainingMs } from './remaining-ms.ts';
import { unitError, type UnitProblem } from './unit-error.ts';

/** A daemon-reexec of systemd, as in package upgrades, closes every connection once. */
const attempts = 2;
const openTimeoutMs = 15_000;

export class SystemdUnits implements HostUnits {
  readonly #sockets: () => SystemdSockets;

  /** The sockets are looked up for each connection: their links may change, and tests of other parts have none. */
  constructor(sockets: () => SystemdSockets) {
    this.#sockets = sockets;
  }

  async state(unit: string): Promise<UnitState | undefined> {
    return await this.#withManager(unit, 'query', async (manager) => await readState(manager, unit));
  }

  async activeAmong(units: readonly string[]): Promise<readonly string[]> {
    const states = await this.#withManager(
      units.join(', '),
      'query',
      async (manager) => await manager.activeStates(units),
    );
    return units.filter((unit) => states.get(unit) === 'active');
  }

  async activeLike(patterns: readonly string[]): Promise<readonly string[]> {
    return await this.#withManager(
      patterns.join(', '),
      'query',
      async (manager) => await manager.activeUnits(patterns),
    );
  }

  async restart(unit: string, timeoutMs: number): Promise<void> {
    const endsAtMs = performance.now() + timeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      await this.#resetFailed(unit);
      try {
        await this.#runJob(unit, 'restart', remainingMs(endsAtMs));
        return;
      } catch (error) {
        if (attempt >= attempts || !(await this.#isAtStartLimit(unit))) throw error;
      }
    }
  }

  /** Otherwise systemd may stop a unit that other programs started too often, and refuse to start it again. */
  async #resetFailed(unit: string): Promise<void> {
    await this.#withManager(unit, 'restart', async (manager) => {
      // For a missing unit, the restart reports the error.
      if ((await readState(manager, unit)) !== undefined) await manager.resetFailed(unit);
    });
  }

  async #isAtStartLimit(unit: string): Promise<boolean> {
    return await this.#withManager(unit, 'query', async (manager) => {
      const result = await manager.property(await manager.loadUnit(unit), 'Service', 'Result');
      return String(result).startsWith('start-limit');
    });
  }

  async reload(unit: string, timeoutMs: number): Promise<void> {
    await this.#runJob(unit, 'reload', timeoutMs);
  }

  async runProgram(run: ProgramRun): Promise<number> {
    const { unit } = run;
    // systemd's own time-out ends it first.
    const timeoutMs = 2 * run.timeoutMs;
    const signal = AbortSignal.timeout(timeoutMs);
    return await this.#withManager(unit, 'run', async (manager) => {
      await manager.subscribe();
      if ((await readState(manager, unit)) !== undefined) {
        const job = await manager.startJob('StopUnit', unit);
        await waitForResult(manager, job, signal, { unit, operation: 'run', timeoutMs });
        await dropUnit(manager, unit);
      }
      const job = await manager.startTransient(unit, programProperties(run));
      const result = await waitForResult(manager, job, signal, { unit, operation: 'run', timeoutMs });
      if (result === connectionEnded || result === 'done') return result === 'done' ? 0 : result;
      const path = await manager.loadUnit(unit);
      const why = await manager.property(path, 'Service', 'Result');
      const status = Number(await manager.property(path, 'Service', 'ExecMainStatus'));
      await dropUnit(manager, unit);
      if (why === 'exit-code' && status < firstFailureOfSystemd) return status;
      throw unitError({ unit, operation: 'run', result: `${String(why)}, status ${status}` });
    });
  }

  async #runJob(unit: string, operation: 'restart' | 'reload', timeoutMs: number): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    let job: string | undefined;
    const result = await this.#withManager(unit, operation, async (manager) => {
      await manager.subscribe();
      if (job === undefined) {
        job = await manager.startJob(operation === 'restart' ? 'RestartUnit' : 'ReloadUnit', unit);
      } else if ((await manager.property(job, 'Job', 'State')) === undefined) {
        // It ended while we were disconnected, so the state of the unit decides.
        return (await readState(manager, unit))?.active === 'active'
          ? 'done'
          : 'the unit is not active afterwards';
      }
      return await waitForResult(manager, job, signal, { unit, operation, timeoutMs });
    });
    if (result !== 'done') throw unitError({ unit, operation, result });
  }

  /** Connects again once when the connection ends in between. */
  async #withManager<T>(
    unit: string,
    operation: UnitProblem['operation'],
    action: (manager: ManagerConnection) => Promise<T | typeof connectionEnded>,
  ): Promise<T> {
    let lastError: unknown;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const manager = await this.#open(attempt > 1);
      try {
        const outcome = await action(manager);
        if (outcome !== connectionEnded) return outcome;
      } catch (error) {
        if (!manager.isClosed) throw asUnitError(unit, operation, error);
        lastError = error;
      } finally {
        manager.close();
      }
    }
    throw unitError({ unit, operation, result: 'systemd closed the connection again', cause: lastError });
  }

  /** During a daemon-reexec systemd does not listen for a moment, so a refused connection is not final. */
  async #open(isAgain: boolean): Promise<ManagerConnection> {
    const waiting = { what: 'systemd to accept connections', timeoutMs: openTimeoutMs, intervalMs: 100 };
    const outcome = await waitFor<ManagerConnection | { readonly failure: unknown }>(waiting, async () => {
      try {
        return await openManager(this.#sockets());
      } catch (error) {
        if (isAgain || mayComeBack(error)) throw error;
        return { failure: error };
      }
    });
    if ('failure' in outcome) throw outcome.failure;
    return outcome;
  }
}

const connectionEnded = Symbol('the connection ended');

interface AwaitedJob {
  readonly unit: string;
  readonly operation: 'restart' | 'reload' | 'run';
  readonly timeoutMs: number;
}

/** systemd keeps a failed unit until then; any other may be removed already. */
async function dropUnit(manager: ManagerConnection, unit: string): Promise<void> {
  try {
    await manager.resetFailed(unit);
  } catch (error) {
    if (!(error instanceof DBusError) || error.dbusName?.endsWith('.NoSuchUnit') !== true) throw error;
  }
}

async function waitForResult(
  manager: ManagerConnection,
  job: string,
  signal: AbortSignal,
  awaited: AwaitedJob,
): Promise<string | typeof connectionEnded> {
  try {
    return (await manager.jobResult(job, signal)) ?? connectionEnded;
  } catch (error) {
    if (!signal.aborted) throw error;
    const { unit, operation, timeoutMs } = awaited;
    const result = `timed out after ${Math.round(timeoutMs / 1000)} s`;
    throw unitError({ unit, operation, result, exitCode: exitCodes.timeout });
  }
}

async function readState(manager: ManagerConnection, unit: string): Promise<UnitState | undefined> {
  const path = await manager.loadUnit(unit);
  const ofUnit = async (name: string): Promise<unknown> => await manager.property(path, 'Unit', name);
  const ofService = async (name: string): Promise<unknown> => await manager.property(path, 'Service', name);
  const [loadState, active, subState, unitFileState, id, entered, enteredMonotonic] = await Promise.all([
    ofUnit('LoadState'),
    ofUnit('ActiveState'),
    ofUnit('SubState'),
    ofUnit('UnitFileState'),
    ofUnit('InvocationID'),
    ofUnit('ActiveEnterTimestamp'),
    ofUnit('ActiveEnterTimestampMonotonic'),
  ]);
  if (loadState === 'not-found') return undefined;
  const [started, start, pid, killMode, environment, environmentFiles] = await Promise.all([
    // The process reads its configuration at its start, which is before systemd reports the unit as active.
    ofService('ExecMainStartTimestamp'),
    ofService('ExecStart'),
    ofService('MainPID'),
    ofService('KillMode'),
    ofService('Environment'),
    ofService('EnvironmentFiles'),
  ]);
  const [command, program] = [toCommand(start), toProgram(start)];
  const mainPid = typeof pid === 'number' && pid > 0 ? pid : undefined;
  return {
    active: String(active),
    subState: String(subState),
    loadState: String(loadState),
    unitFileState: String(unitFileState),
    invocationId: toInvocation(id, { bootId: await readBootId(), mainPid, enteredMonotonic }),
    mainPid,
    ...(typeof killMode === 'string' ? { killMode } : {}),
    startedAtMs: toMilliseconds(started) ?? toMilliseconds(entered),
    ...(command === undefined ? {} : { command }),
    ...(program === undefined ? {} : { program }),
    environment: toTexts(environment),
    environmentFiles: toTexts(Array.isArray(environmentFiles) ? environmentFiles.map(firstOf) : []).filter(
      (path): path is HostPath => path.startsWith('/'),
    ),
  };
}

function toTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** The first member of a structure, such as a path and whether it may be missing. */
function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

/** From microseconds since the epoch; 0 means never. */
export function toMilliseconds(microseconds: unknown): number | undefined {
  if (typeof microseconds !== 'bigint' || microseconds === 0n) return undefined;
  return Number(microseconds) / 1000;
}

/** From the last of a list of structures: path of the program, its arguments, and more. */
export function toCommand(starts: unknown): readonly string[] | undefined {
  const start: unknown = Array.isArray(starts) ? starts.at(-1) : undefined;
  const command: unknown = Array.isArray(start) ? start[1] : undefined;
  const isCommand = Array.isArray(command) && command.every((each) => typeof each === 'string');
  return isCommand ? command : undefined;
}

export function toProgram(starts: unknown): HostPath | undefined {
  const start: unknown = Array.isArray(starts) ? starts.at(-1) : undefined;
  const path = firstOf(start);
  return typeof path === 'string' && path.startsWith('/') ? (path as HostPath) : undefined;
}

function asUnitError(unit: string, operation: UnitProblem['operation'], error: unknown): unknown {
  if (error instanceof KataError || !(error instanceof DBusError)) return error;
  const result = error.dbusName?.split('.').at(-1) ?? error.name;
  return unitError({ unit, operation, result, cause: error });
}
