/** The start of every command: configuration, host, engine and output. */
import { KataError, systemClock } from '@kata/core';
import type { Payload } from '@kata/artifacts';
import type { InstallerEvent } from '@kata/installer';
import type { AgentContext, AgentReport } from '@kata/node-agent';
import type { Emit } from '@kata/report';
import type { Command } from 'commander';
import type { DeployConfig } from '../deploy-config.ts';
import { openEmitter } from '../open-emitter.ts';

export interface Session extends AgentContext {
  readonly config: DeployConfig;
  readonly emit: Emit<InstallerEvent>;
  payload(): Promise<Payload>;
}

export interface SessionOptions {
  /** When aborted, waiting for the lock ends, and work stops after the current step. */
  readonly signal?: AbortSignal;
  /** The pod was terminated just now: requests to an unreachable API server are retried as long as there is time. */
  readonly usesGrace?: boolean;
  /** Default: the usual timeout. */
  readonly apiTimeoutMs?: number;
  /** If the settings are refused, open the session with those that a removal needs. */
  readonly settlesForIdentity?: boolean;
}

const refusalNote =
  'the settings are refused; continuing with the path of the installation, the node and the pod, which a removal needs';

/** Reserved for the restart of the engine, which comes last. */
const longestReserveMs = 150_000;

function limitsOf(
  { graceMs }: DeployConfig,
  { usesGrace, apiTimeoutMs }: SessionOptions,
): AgentContext['apiLimits'] {
  if (apiTimeoutMs !== undefined) return { overallMs: apiTimeoutMs };
  if (usesGrace !== true) return {};
  return { untilMs: systemClock.monotonicMs() + graceMs - Math.min(longestReserveMs, graceMs / 3) };
}

/** Imports the packages only now, so that `--help` is fast. */
export async function openSession(command: Command, options: SessionOptions = {}): Promise<Session> {
  const { config: given, refusal } = await configOf(command, options);
  const { openPayload } = await import('@kata/artifacts');
  const { createLinuxHost } = await import('@kata/host');
  const { Installation } = await import('@kata/installer');
  const { tellEngineOfPod, viewNode } = await import('@kata/node-agent/machine');
  const host = createLinuxHost({
    root: given.hostRoot,
    helper: given.helper,
    ...(given.lockDirectory === undefined ? {} : { lockDirectory: given.lockDirectory, isPartial: true }),
  });
  const config = await tellEngineOfPod(host, given, systemClock);
  const emit = await openEmitter(config);
  if (refusal !== undefined) emit({ kind: 'note', message: refusalNote });
  const view = await viewNode(host, config, systemClock);
  const installation = new Installation({
    host,
    settings: config.settings,
    ...view,
    attempt: config.podUid,
    emit,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  return {
    config,
    ...(refusal === undefined ? {} : { refusal }),
    host,
    installation,
    engine: view.engine,
    signal: options.signal,
    clock: systemClock,
    apiLimits: limitsOf(config, options),
    report: reportOf(command, config, emit),
    emit,
    payload: async () => await openPayload(config.payload, { architecture: config.architecture }),
  };
}

/** `--output` formats results with data. The others end up in logs, which must have only events when progress is JSON. */
function reportOf(command: Command, { progress }: DeployConfig, emit: Emit<InstallerEvent>): AgentReport {
  const { output } = command.optsWithGlobals();
  return {
    note: (message) => {
      emit({ kind: 'note', message });
    },
    result: (text, data) => {
      if (data === undefined && progress === 'json') emit({ kind: 'result', message: text });
      else print(output === 'json' && data !== undefined ? JSON.stringify(data, undefined, 2) : text);
    },
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
    return { config, refusal: error };
  }
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
