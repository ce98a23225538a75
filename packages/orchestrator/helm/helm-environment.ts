/** The environment of Helm: that of the caller without Helm's own settings, which would change what a command does. */

/** Where releases are stored, and whose credentials pull charts: the user's decision. */
const allowed: readonly string[] = [
  'HELM_DRIVER',
  'HELM_DRIVER_SQL_CONNECTION_STRING',
  'HELM_REGISTRY_CONFIG',
];

/**
 * Helm talks to the cluster of `KUBECONFIG` (or of the pod's ServiceAccount), as our own client does. Its repositories,
 * caches and plugins are in `scratch`.
 */
export function helmEnvironment(
  caller: Readonly<Record<string, string | undefined>>,
  scratch: string,
): Readonly<Record<string, string>> {
  const kept = Object.entries(caller).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (!entry[0].startsWith('HELM_') || allowed.includes(entry[0])),
  );
  return {
    HOME: scratch,
    ...Object.fromEntries(kept),
    HELM_CACHE_HOME: `${scratch}/cache`,
    HELM_DATA_HOME: `${scratch}/data`,
    HELM_REPOSITORY_CACHE: `${scratch}/cache/repository`,
    HELM_REPOSITORY_CONFIG: repositoriesFile(scratch),
    HELM_PLUGINS: `${scratch}/plugins`,
  };
}

export function repositoriesFile(scratch: string): string {
  return `${scratch}/repositories.yaml`;
}
