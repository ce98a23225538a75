/** One connection to systemd's manager: calls with deadlines, and the results of its jobs. */
import { EventEmitter, once } from 'node:events';
import { exitCodes, KataError, waitFor } from '@kata/core';
import {
  type ConnectionOptions,
  createClient,
  DBusError,
  type Message,
  type MessageBus,
  type Variant,
} from 'dbus-native';
import * as z from 'zod';
import { isSystemError } from '../files/file-error.ts';

export interface SystemdSockets {
  /** `/run/systemd/private` as this process sees it: a direct connection to systemd. */
  readonly privateSocket: string;
  /** The system bus, when the private socket cannot be reached. */
  readonly busSocket: string;
}

const systemd = 'org.freedesktop.systemd1';
const managerPath = '/org/freedesktop/systemd1';
const managerInterface = `${systemd}.Manager`;
const callTimeoutMs = 10_000;
const connectTimeoutMs = 5_000;
/** The first time-out for an answer; each further one is twice as long, up to the last. */
const pingTimeoutMs = { first: 4, last: 250 };

/** Id of the job, its path, the unit, and its result. */
const jobRemovedBody = z.tuple([z.number(), z.string(), z.string(), z.string()]);
/** Name, description, load state, active state, and more. */
const listedUnits = z.array(z.tuple([z.string(), z.string(), z.string(), z.string()]).rest(z.unknown()));

export async function openManager(sockets: SystemdSockets): Promise<ManagerConnection> {
  try {
    const bus = await connect({ socket: sockets.privateSocket, direct: true });
    await ping(bus);
    return new ManagerConnection(bus, 'direct');
  } catch (first) {
    try {
      return new ManagerConnection(await connect({ socket: sockets.busSocket }), 'bus');
    } catch (second) {
      throw unreachableError(sockets, first, second);
    }
  }
}

/** Whether systemd's socket exists, but does not accept or keep connections. */
export function mayComeBack(error: unknown): boolean {
  return error instanceof KataError && error.details['mayComeBack'] === true;
}

function unreachableError(sockets: SystemdSockets, first: unknown, second: unknown): KataError {
  const text = `${sockets.privateSocket}: ${textOf(first)}; ${sockets.busSocket}: ${textOf(second)}`;
  const mayComeBack = isSystemError(first) && ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(first.code);
  return new KataError('KATA_HOST_SYSTEMD', 'cannot connect to systemd', {
    cause: new AggregateError([first, second], text),
    details: { mayComeBack },
    exitCode: exitCodes.precondition,
    hint: "in a container, mount the machine's directory /run/systemd",
  });
}

export class ManagerConnection {
  readonly #bus: MessageBus;
  readonly #isDirect: boolean;
  /** Results of jobs by path; a job may end before we have its path. */
  readonly #results = new Map<string, string>();
  readonly #changes = new EventEmitter();

  /** Direct: systemd sends all signals without a match rule. */
  constructor(bus: MessageBus, kind: 'direct' | 'bus') {
    this.#bus = bus;
    this.#isDirect = kind === 'direct';
    bus.connection.on('message', (message) => this.#recordJobResult(message));
    bus.connection.on('close', () => this.#changes.emit('change'));
  }

  get isClosed(): boolean {
    return this.#bus.connection.state === 'disconnected';
  }

  close(): void {
    this.#bus.connection.stream.destroy();
  }

  /** Call it before a job is started, so that its end is not missed. */
  async subscribe(): Promise<void> {
    if (!this.#isDirect) {
      await this.#bus.addMatch(`type='signal',interface='${managerInterface}',member='JobRemoved'`);
    }
    await this.#call(managerPath, managerInterface, 'Subscribe');
  }

  /** Returns the object path of the unit, which need not exist. */
  async loadUnit(unit: string): Promise<string> {
    return z.string().parse(await this.#call(managerPath, managerInterface, 'LoadUnit', [unit]));
  }

  /** `active`, `inactive`, `failed`, …, by the names of the units; a missing unit is `inactive`. */
  async activeStates(units: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const answer = await this.#call(managerPath, managerInterface, 'ListUnitsByNames', [units]);
    return new Map(listedUnits.parse(answer).map(([name, , , active]) => [name, active]));
  }

  /** Of all loaded units, sorted. */
  async activeUnits(patterns: readonly string[]): Promise<readonly string[]> {
    const answer = await this.#call(managerPath, managerInterface, 'ListUnitsByPatterns', [
      ['active'],
      patterns,
    ]);
    return listedUnits
      .parse(answer)
      .map(([name]) => name)
      .toSorted();
  }

  /** Resets the failed state and the start counter. */
  async resetFailed(unit: string): Promise<void> {
    await this.#call(managerPath, managerInterface, 'ResetFailedUnit', [unit]);
  }

  /** Undefined when the object has no such property. */
  async property(path: string, kind: 'Unit' | 'Service' | 'Job', name: string): Promise<unknown> {
    const properties = 'org.freedesktop.DBus.Properties';
    try {
      return await this.#call(path, properties, 'Get', [`${systemd}.${kind}`, name]);
    } catch (error) {
      if (error instanceof DBusError && isUnknown(error)) return undefined;
      throw error;
    }
  }

  /** Returns the path of the job. */
  async startJob(method: 'RestartUnit' | 'ReloadUnit' | 'StopUnit', unit: string): Promise<string> {
    return z.string().parse(await this.#call(managerPath, managerInterface, method, [unit, 'replace']));
  }

  /** Creates and starts a unit that systemd removes when it has succeeded. Returns the path of the job. */
  async startTransient(unit: string, properties: readonly (readonly [string, Variant])[]): Promise<string> {
    const body = [unit, 'fail', properties, []];
    return z
      .string()
      .parse(await this.#call(managerPath, managerInterface, 'StartTransientUnit', body, 'ssa(sv)a(sa(sv))'));
  }

  /** `done` or another result; undefined when the connection ended first. */
  async jobResult(job: string, signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      const result = this.#results.get(job);
      if (result !== undefined || this.isClosed) return result;
      await once(this.#changes, 'change', { signal });
    }
  }

  #recordJobResult(message: Message): void {
    if (message.member !== 'JobRemoved' || message.interface !== managerInterface) return;
    const body = jobRemovedBody.safeParse(message.body);
    if (!body.success) return;
    const [, path, , result] = body.data;
    this.#results.set(path, result);
    this.#changes.emit('change');
  }

  async #call(
    path: string,
    name: string,
    member: string,
    body: readonly unknown[] = [],
    signature = body.map((argument) => (typeof argument === 'string' ? 's' : 'as')).join(''),
  ): Promise<unknown> {
    return await this.#bus.invoke<unknown>({
      destination: systemd,
      path,
      interface: name,
      member,
      signature,
      body: [...body],
    });
  }
}

/** Removed objects, and interfaces that a unit of another type does not have. */
function isUnknown(error: DBusError): boolean {
  return /\.Unknown(?:Object|Interface|Property|Method)$/.test(error.dbusName ?? '');
}

async function connect(options: ConnectionOptions): Promise<MessageBus> {
  const bus = createClient({ ...options, authMethods: ['EXTERNAL'], timeout: callTimeoutMs });
  try {
    await once(bus.connection, 'connect', { signal: AbortSignal.timeout(connectTimeoutMs) });
  } catch (error) {
    bus.connection.stream.destroy();
    throw error;
  } finally {
    // A later error already fails the waiting calls.
    bus.connection.on('error', () => undefined);
  }
  return bus;
}

/**
 * A message that systemd reads together with the end of the handshake waits there until the next one arrives, which is a
 * race of microseconds. So the first message is one that can be repeated, and soon.
 */
async function ping(bus: MessageBus): Promise<void> {
  const message = { path: managerPath, interface: 'org.freedesktop.DBus.Peer', member: 'Ping' };
  let timeout = pingTimeoutMs.first;
  try {
    await waitFor({ what: 'systemd to answer', timeoutMs: callTimeoutMs, intervalMs: 1 }, async () => {
      const patience = timeout;
      timeout = Math.min(timeout * 2, pingTimeoutMs.last);
      await bus.invoke({ ...message }, { timeout: patience });
      return true;
    });
  } catch (error) {
    bus.connection.stream.destroy();
    throw error;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
