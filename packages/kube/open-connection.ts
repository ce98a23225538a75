/** Opens a connection to the API server, from a pod or with a kubeconfig. */
import { existsSync } from 'node:fs';
import type { Connection } from './connection.ts';
import { openServiceAccount, serviceAccountToken } from './service-account.ts';

/**
 * With the ServiceAccount of a pod, which needs only two files; else with KUBECONFIG through the official client, which
 * supports all its ways of authentication and is loaded only then.
 */
export async function openConnection(): Promise<Connection> {
  // oxlint-disable-next-line no-restricted-properties -- every client of the API server reads this variable
  const kubeconfig = process.env['KUBECONFIG'];
  if (isEmpty(kubeconfig) && existsSync(serviceAccountToken)) return openServiceAccount();
  const { openKubeconfig } = await import('./kubeconfig.ts');
  return openKubeconfig();
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === '';
}
