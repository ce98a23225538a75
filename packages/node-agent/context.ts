/** What the agent gets from its program. It reads no environment, and prints nothing. */
import { type Clock, exitCodes, KataError } from '@kata/core';
import type { Host } from '@kata/host';
import type { EngineClient, Installation } from '@kata/installer';
import type { ApiLimits } from '@kata/kube';
import type { Settings } from '@kata/settings';

/** Identity of the installer in the cluster, and its settings. */
export interface AgentConfig {
  readonly settings: Settings;
  /** Name of this node's Node object; undefined without a cluster. */
  readonly nodeName: string | undefined;
  readonly namespace: string;
  readonly daemonSet: string;
  /** Of our own pod. */
  readonly podUid: string | undefined;
  /** What to do when the node differs from the installed release. */
  readonly drift: 'repair' | 'report';
  /** Where the host's /run/lock is mounted in pods of upstream's chart, which mount parts of the host at `/`. */
  readonly lockDirectory: string | undefined;
}

export interface AgentReport {
  /** Progress and warnings. */
  readonly note: (line: string) => void;
  /** The outcome; `data`: the same for `--output json`. */
  readonly result: (text: string, data?: object) => void;
}

export interface AgentContext {
  readonly config: AgentConfig;
  /** Why the settings were refused: only those that a removal needs are valid. Left out: all are. */
  readonly refusal?: KataError;
  readonly host: Host;
  readonly installation: Installation;
  readonly engine: EngineClient;
  /** When aborted, a wait for the lock ends, and a run stops after its current step. */
  readonly signal: AbortSignal | undefined;
  readonly apiLimits: Partial<ApiLimits>;
  /** For waits and the requests to the cluster. */
  readonly clock: Clock;
  readonly report: AgentReport;
}

export function requireNode({ nodeName }: Pick<AgentConfig, 'nodeName'>): string {
  if (nodeName !== undefined) return nodeName;
  throw new KataError('KATA_CONFIG_INVALID', 'NODE_NAME is not set', {
    exitCode: exitCodes.usage,
    hint: 'set it to the name of the Node object of this machine',
  });
}
