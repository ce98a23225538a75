/** What the agent gets from the program that runs it. It reads nothing else of its process, and prints nothing. */
import { type Clock, exitCodes, KataError } from '@kata/core';
import type { Host } from '@kata/host';
import type { EngineClient, Installation } from '@kata/installer';
import type { ApiLimits } from '@kata/kube';
import type { Settings } from '@kata/settings';

/** Whose installer this is, and what it shall do. */
export interface AgentConfig {
  readonly settings: Settings;
  /** The node that we stand on; undefined where there is no cluster. */
  readonly nodeName: string | undefined;
  readonly namespace: string;
  readonly daemonSet: string;
  /** Of our own pod. */
  readonly podUid: string | undefined;
  /** What follows when others change what was installed. */
  readonly drift: 'repair' | 'report';
  /** Where the host's /run/lock is mounted in pods of upstream's chart, which mount parts of the host at `/`. */
  readonly lockDirectory: string | undefined;
}

/** For whoever reads along. */
export interface AgentReport {
  /** What is going on. */
  readonly note: (line: string) => void;
  /** What came out of it; `data`: the same for a program. */
  readonly result: (text: string, data?: object) => void;
}

export interface AgentContext {
  readonly config: AgentConfig;
  /** Why there are no settings but those that a removal needs; left out: there are all. */
  readonly refusal?: KataError;
  readonly host: Host;
  readonly installation: Installation;
  readonly engine: EngineClient;
  /** When aborted, nobody waits for the lock any longer, and what goes on ends after its present step. */
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
    hint: 'set it to the name of the node that this machine is',
  });
}
