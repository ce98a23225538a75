/** Reads the environment variables of the lab. No other file reads any. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface LabConfig {
  /** Built tools, root file system, module and compiler caches; may be deleted at any time. */
  readonly cacheDirectory: string;
  /** One folder per lab, removed by `lab down`. */
  readonly stateDirectory: string;
  readonly defaultName: string;
}

export function readConfig(environment: NodeJS.ProcessEnv): LabConfig {
  const cacheHome = environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return {
    cacheDirectory: environment['LAB_CACHE'] ?? join(cacheHome, 'kata-lab'),
    stateDirectory: environment['LAB_STATE'] ?? '/var/lib/kata-lab',
    defaultName: environment['LAB_NAME'] ?? 'default',
  };
}
