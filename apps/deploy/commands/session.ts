/** What every command begins with: the configuration, the host, its engine, and the lock. */
import { exitCodes, KataError } from '@kata/core';
import type { Payload } from '@kata/artifacts';
import type { Host } from '@kata/host';
import type { ApiLimits } from '@kata/kube';
import type { EngineClient, Installation, InstallationOptions } from '@kata/installer';
import type { Command } from 'commander';
import type { DeployConfig } from '../config.ts';
import type { NodeLockOptions } from '../node-lock.ts';
import { reportEvents } from '../report-events.ts';

const engineSocket = '/run/containerd/containerd.sock';

export interface Session {
  readonly config: DeployConfig;
  /** Why there are no settings but those that a removal needs; left out: there are all. */
  readonly refusal?: KataError;
  readonly host: Host;
  readonly installation: Installation;
  readonly engine: EngineClient;
  /** See `SessionOptions`. */
  readonly signal: AbortSignal | undefined;
  readonly apiLimits: Partial<ApiLimits>;
  /** Between two looks at labels that kubelet may change; left out: a second. */
  readonly pauseMs?: number;
  payload(): Promise<Payload>;
}

/** How the engine and its sandboxes are seen. */
export type NodeView = Pick<InstallationOptions, 'engine' | 'sandboxes'>;

export interface SessionOptions {
  /** When aborted, nobody waits for the lock any longer, and what goes on ends after the step that goes on. */
  readonly signal?: AbortSignal;
  /** The pod was told to end just now: an API server that is away is asked as long as there is time. */
  readonly usesGrace?: boolean;
  /** Left out: as long as is usual. */
  readonly apiTimeoutMs?: number;
  /** Where the settings are refused, those that a removal needs will do. */
  readonly settlesForIdentity?: boolean;
}

/** For the restart of the engine, which comes last. */
const longestReserveMs = 150_000;

function limitsOf(
  { graceMs }: DeployConfig,
  { usesGrace, apiTimeoutMs }: SessionOptions,
): Partial<ApiLimits> {
  if (apiTimeoutMs !== undefined) return { overallMs: apiTimeoutMs };
  if (usesGrace !== true) return {};
  return { untilMs: performance.now() + graceMs - Math.min(longestReserveMs, graceMs / 3) };
}

/** Loads what does the work only now, so that `--help` is there at once. */
export async function openSession(command: Command, options: SessionOptions = {}): Promise<Session> {
  const { config, refusal } = await configOf(command, options);
  const { openPayload } = await import('@kata/artifacts');
  const { createLinuxHost } = await import('@kata/host');
  const { describeProgress, Installation } = await import('@kata/installer');
  const host = createLinuxHost({
    root: config.hostRoot,
    helper: config.helper,
    ...(config.lockDirectory === undefined ? {} : { lockDirectory: config.lockDirectory, isPartial: true }),
  });
  const { engine, sandboxes } = await viewOf(config, host);
  const installation = new Installation({
    host,
    settings: config.settings,
    engine,
    attempt: config.podUid,
    ...(sandboxes === undefined ? {} : { sandboxes }),
    emit: reportEvents(describeProgress, {
      isTerminal: process.stderr.isTTY === true,
      write: (text) => process.stderr.write(text),
      now: () => host.now(),
    }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return {
    config,
    ...(refusal === undefined ? {} : { refusal }),
    host,
    installation,
    engine,
    signal: options.signal,
    apiLimits: limitsOf(config, options),
    payload: async () => await openPayload(config.payload, { architecture: config.architecture }),
  };
}

async function configOf(
  command: Command,
  { settlesForIdentity }: SessionOptions,
): Promise<{ readonly config: DeployConfig; readonly refusal?: KataError }> {
  const { readConfig, readIdentityConfig } = await import('../config.ts');
  const flags = command.optsWithGlobals();
  try {
    return { config: await readConfig({ flags }) };
  } catch (error) {
    const isRefusal = error instanceof KataError && error.code === 'KATA_CONFIG_INVALID';
    if (!isRefusal || settlesForIdentity !== true) throw error;
    const config = await readIdentityConfig({ flags });
    if (config === undefined) throw error;
    say('the settings are refused; a removal needs only the place of the installation, the node and the pod');
    return { config, refusal: error };
  }
}

/** By the engine's own socket; in a pod that does not see them, by the API server. */
async function viewOf(config: DeployConfig, host: Host): Promise<NodeView> {
  const isSocketSeen = (await host.files.info(engineSocket)) !== undefined;
  if (config.lockDirectory !== undefined && !isSocketSeen) {
    const { connectCluster } = await import('@kata/kube');
    const { viewByApi } = await import('./view-by-api.ts');
    return viewByApi(connectCluster(), { nodeName: requireNode(config), suffix: config.settings.suffix });
  }
  const { CriClient } = await import('@kata/host');
  const { runningOf } = await import('@kata/installer');
  const cri = new CriClient({ socketPath: host.socketPath(engineSocket) });
  return {
    engine: {
      version: async () => (await cri.engineVersion()).version,
      servedHandlers: async () => (await cri.servedHandlers()) ?? [],
      snapshotters: async () => await cri.snapshotters(),
    },
    sandboxes: async (handlers) => runningOf(await cri.sandboxes(), handlers),
  };
}

/** Runs what changes the node while nobody else does. */
export async function underLock<T>(
  { host, config, signal }: Pick<Session, 'host' | 'config' | 'signal'>,
  command: string,
  work: () => Promise<T>,
  limits: Pick<NodeLockOptions, 'timeoutMs' | 'sharedTimeoutMs' | 'needsShared'> = {},
): Promise<T> {
  const { lockNode, ownHolder } = await import('../node-lock.ts');
  const lock = await lockNode(host, {
    holder: `${ownHolder}${command}, process ${process.pid}, since ${host.now().toISOString()}`,
    signal,
    say,
    isSharedOnly: config.lockDirectory !== undefined,
    ...limits,
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

export function requireNode(config: DeployConfig): string {
  if (config.nodeName !== undefined) return config.nodeName;
  throw new KataError('KATA_CONFIG_INVALID', 'NODE_NAME is not set', {
    exitCode: exitCodes.usage,
    hint: 'set it to the name of the node that this machine is',
  });
}

export function say(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
