/** Chooses how the API server is reached: from a pod, or with a kubeconfig. */
import { existsSync } from 'node:fs';
import type { Connection } from './connection.ts';
import { openServiceAccount, serviceAccountToken } from './service-account.ts';

/**
 * From a pod's service account, which takes no more than two files, else from KUBECONFIG, whose many ways of
 * authentication are those of the official client; that is loaded only then.
 */
export async function openConnection(): Promise<Connection> {
  // oxlint-disable-next-line no-restricted-properties -- every client of the API server is told its place by this variable
  const kubeconfig = process.env['KUBECONFIG'];
  if (isEmpty(kubeconfig) && existsSync(serviceAccountToken)) return openServiceAccount();
  const { openKubeconfig } = await import('./kubeconfig.ts');
  return openKubeconfig();
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === '';
}
