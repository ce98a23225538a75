/** What kata-lifecycle reads from its process: the environment that Helm gets, and where relative paths start. */

export interface LifecycleConfig {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

export function readConfig(): LifecycleConfig {
  return { environment: process.env, directory: process.cwd() };
}
