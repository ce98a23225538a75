/** What the environment decides: where labs and caches live. The only reader of environment variables. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface LabConfig {
  /** Built tools, root file system, module and compiler caches; may be deleted at any time. */
  readonly cacheDirectory: string;
  /** One folder per lab, gone after `lab down`. */
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
