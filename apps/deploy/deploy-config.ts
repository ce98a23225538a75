/** The configuration of kata-deploy. */
import type { AgentConfig } from '@kata/node-agent';

export interface DeployConfig extends AgentConfig {
  /** Mount point of the host's root, or of its needed parts. */
  readonly hostRoot: string;
  /** Directory of payload.json. */
  readonly payload: string;
  /** Path of kata-helper. */
  readonly helper: string;
  /** Go's name. */
  readonly architecture: string;
  /** `cleanup` does nothing, because Helm runs it after everything was removed. */
  readonly isPostDeleteHook: boolean;
  /** Time from SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Of progress on standard error. */
  readonly progress: 'auto' | 'plain' | 'json';
}
