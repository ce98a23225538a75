/** Queries a container engine over its CRI socket: version, handlers, sandboxes and snapshotters. */
import { exitCodes, KataError } from '@kata/core';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import * as z from 'zod';
import { decodeMessage, encodeMessage } from './cri-messages.ts';

export interface CriClientOptions {
  /** As this process sees it; see `Host.socketPath`. */
  readonly socketPath: string;
  /** For each call. */
  readonly timeoutMs?: number;
}

export interface EngineVersion {
  /** `containerd`, `cri-o`, … */
  readonly name: string;
  readonly version: string;
}

export interface EngineStatus {
  /** Condition RuntimeReady: the engine can create sandboxes; the network has a separate condition. */
  readonly isReady: boolean;
  /** Names of the loaded handlers, sorted; undefined when the engine does not report them. */
  readonly handlers: readonly string[] | undefined;
  /** Of sandboxes that name no handler; undefined when the engine does not report it. */
  readonly defaultHandler: string | undefined;
}

export interface Sandbox {
  readonly id: string;
  /** Also while it is being terminated; a stopped one is listed until it is removed. */
  readonly isRunning: boolean;
  /** Empty where it is the default one and the engine does not report which that is. */
  readonly handler: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

const versionResponse = z.object({ runtimeName: z.string(), runtimeVersion: z.string() });
const statusResponse = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.boolean() })) }).nullable(),
  info: z.record(z.string(), z.string()),
  runtimeHandlers: z.array(z.object({ name: z.string() })),
});
const sandboxList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      state: z.number(),
      runtimeHandler: z.string(),
      metadata: z.object({ name: z.string(), uid: z.string(), namespace: z.string() }).nullable(),
    }),
  ),
});
const sandboxStatus = z.object({ info: z.record(z.string(), z.string()) });
/** In CRI-O's verbose status of a sandbox: the OCI specification of its first container. */
const crioInfo = z.object({ runtimeSpec: z.object({ annotations: z.record(z.string(), z.string()) }) });
const crioHandler = 'io.kubernetes.cri-o.RuntimeHandler';
const absent: readonly (string | undefined)[] = [status[status.NOT_FOUND], status[status.UNIMPLEMENTED]];
const containerList = z.object({
  containers: z.array(z.object({ podSandboxId: z.string(), state: z.number() })),
});
const pluginList = z.object({
  plugins: z.array(z.object({ id: z.string(), initErr: z.object({ message: z.string() }).nullable() })),
});
/** On the same socket. */
const introspection = 'containerd.services.introspection.v1.Introspection';
const sandboxReady = 0;
const containerExited = 2;
/** In containerd's verbose status, which reported handlers long before there was a field for them. */
const containerdConfig = z.object({
  containerd: z.object({
    runtimes: z.record(z.string(), z.unknown()),
    defaultRuntimeName: z.string().default(''),
  }),
});

const defaultTimeoutMs = 10_000;
/** An engine that is being restarted is queried until it answers; a try costs nothing. */
const reconnectMs = 100;
/** The same as kubelet's and crictl's; a busy node's list of sandboxes exceeds gRPC's 4 MiB. */
const maximumMessageSize = 16 * 1024 * 1024;

export class CriClient {
  readonly #options: CriClientOptions;
  readonly #client: Client;

  constructor(options: CriClientOptions) {
    this.#options = options;
    this.#client = new Client(`unix:${options.socketPath}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': maximumMessageSize,
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.initial_reconnect_backoff_ms': reconnectMs,
      'grpc.max_reconnect_backoff_ms': reconnectMs,
    });
  }

  close(): void {
    this.#client.close();
  }

  async engineVersion(): Promise<EngineVersion> {
    const answer = versionResponse.parse(await this.#call('Version', { version: 'v1' }));
    return { name: answer.runtimeName, version: answer.runtimeVersion };
  }

  async status(): Promise<EngineStatus> {
    const answer = statusResponse.parse(await this.#call('Status', { verbose: true }));
    const named = answer.runtimeHandlers.map((handler) => handler.name).filter((name) => name !== '');
    const config = configOf(answer.info['config']);
    const handlers = named.length > 0 ? named : config?.handlers;
    const ready = answer.status?.conditions.find((condition) => condition.type === 'RuntimeReady');
    return {
      isReady: ready?.status ?? false,
      handlers: handlers?.toSorted(),
      defaultHandler: config?.defaultHandler,
    };
  }

  async servedHandlers(): Promise<readonly string[] | undefined> {
    return (await this.status()).handlers;
  }

  /**
   * All sandboxes of the engine. A sandbox is running while it is ready (also while it is terminating, until all of it
   * has stopped), or while one of its containers has not exited: containerd reports a sandbox as not ready also when it
   * has lost the connection to it. All others have stopped and have no shim; that of a completed pod stays listed as
   * long as the pod exists.
   */
  async sandboxes(): Promise<readonly Sandbox[]> {
    const { items } = sandboxList.parse(await this.#call('ListPodSandbox', {}));
    const all = items.every(({ state }) => state === sandboxReady) ? [] : await this.#unfinishedContainers();
    const unfinished = new Set(all);
    const unnamed = items.filter(({ runtimeHandler }) => runtimeHandler === '').map(({ id }) => id);
    const handlers = await this.#handlersOf(unnamed);
    return items.map(({ id, state, runtimeHandler, metadata }) => ({
      id,
      isRunning: state === sandboxReady || unfinished.has(id),
      handler: handlers.get(id) ?? runtimeHandler,
      namespace: metadata?.namespace ?? '',
      name: metadata?.name ?? '',
      uid: metadata?.uid ?? '',
    }));
  }

  /** Of sandboxes that are listed without one: the engine's default or, as CRI-O lists all, in their details. */
  async #handlersOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const { defaultHandler } = await this.status();
    const entries = ids.map(
      async (id) => [id, defaultHandler ?? (await this.#annotatedHandler(id))] as const,
    );
    return new Map(await Promise.all(entries));
  }

  /** In CRI-O's specification of the sandbox; empty where the engine has no such, or the sandbox has gone. */
  async #annotatedHandler(id: string): Promise<string> {
    try {
      const answer = await this.#call('PodSandboxStatus', { podSandboxId: id, verbose: true });
      const info: unknown = JSON.parse(sandboxStatus.parse(answer).info['info'] ?? '{}');
      return crioInfo.safeParse(info).data?.runtimeSpec.annotations[crioHandler] ?? '';
    } catch (error) {
      if (error instanceof KataError && absent.includes(error.details['status'] as string)) return '';
      throw error;
    }
  }

  /** The sandboxes of containers that have not exited. */
  async #unfinishedContainers(): Promise<readonly string[]> {
    const { containers } = containerList.parse(await this.#call('ListContainers', {}));
    return containers
      .filter(({ state }) => state !== containerExited)
      .map(({ podSandboxId }) => podSandboxId);
  }

  /** Names of the snapshotters that containerd has started; undefined from an engine that is not containerd. */
  async snapshotters(): Promise<readonly string[] | undefined> {
    const filters = ['type==io.containerd.snapshotter.v1'];
    try {
      const { plugins } = pluginList.parse(await this.#call('Plugins', { filters }, introspection));
      return plugins
        .filter(({ initErr }) => initErr === null)
        .map(({ id }) => id)
        .toSorted();
    } catch (error) {
      const isForeign =
        error instanceof KataError && error.details['status'] === status[status.UNIMPLEMENTED];
      if (isForeign) return undefined;
      throw error;
    }
  }

  async #call(
    method: string,
    request: Readonly<Record<string, unknown>>,
    service = 'runtime.v1.RuntimeService',
  ): Promise<unknown> {
    const timeoutMs = this.#options.timeoutMs ?? defaultTimeoutMs;
    return await new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/${service}/${method}`,
        (value: Readonly<Record<string, unknown>>) => encodeMessage(`${method}Request`, value),
        (bytes) => decodeMessage(`${method}Response`, bytes),
        request,
        { deadline: Date.now() + timeoutMs },
        (error, answer) => {
          if (error === null) resolve(answer);
          else reject(this.#callError(method, error));
        },
      );
    });
  }

  #callError(method: string, error: ServiceError): KataError {
    const isLate = error.code === status.DEADLINE_EXCEEDED;
    return new KataError(
      'KATA_HOST_CRI',
      `cannot reach the container runtime's CRI socket ${this.#options.socketPath} (${method})`,
      {
        cause: error,
        exitCode: isLate ? exitCodes.timeout : exitCodes.precondition,
        hint: 'check that the container runtime is running and, in a pod, that the directory of its socket is mounted',
        details: { method, status: status[error.code] },
      },
    );
  }
}

/** Undefined when the engine reports no configuration, or not containerd's. */
export function configOf(
  json: string | undefined,
): { readonly handlers: readonly string[]; readonly defaultHandler: string | undefined } | undefined {
  if (json === undefined) return undefined;
  try {
    const config = containerdConfig.safeParse(JSON.parse(json));
    if (!config.success) return undefined;
    const { runtimes, defaultRuntimeName } = config.data.containerd;
    return { handlers: Object.keys(runtimes), defaultHandler: defaultRuntimeName || undefined };
  } catch {
    // CRI-O writes TOML there.
    return undefined;
  }
}
