/** What kata-deploy is configured with. */
import type { AgentConfig } from '@kata/node-agent';

export interface DeployConfig extends AgentConfig {
  /** Where the host's root, or the parts of it that are needed, is mounted. */
  readonly hostRoot: string;
  /** The folder of payload.json. */
  readonly payload: string;
  /** Path of kata-helper. */
  readonly helper: string;
  /** Go's name. */
  readonly architecture: string;
  /** `cleanup` does nothing: Helm runs it after everything was removed. */
  readonly isPostDeleteHook: boolean;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Of what goes on, to standard error. */
  readonly progress: 'auto' | 'plain' | 'json';
}
