/** The ServiceAccount credentials that kubelet mounts into each pod and renews. */
import { readFile } from 'node:fs/promises';
import { Agent, type RequestOptions } from 'node:https';
import { isIPv6 } from 'node:net';
import type { Connection } from './connection.ts';

const directory = '/var/run/secrets/kubernetes.io/serviceaccount';
export const serviceAccountToken = `${directory}/token`;

export function openServiceAccount(
  folder = directory,
  // oxlint-disable-next-line no-restricted-properties -- kubelet sets the address of the API server there
  environment: NodeJS.ProcessEnv = process.env,
): Connection {
  const host = environment['KUBERNETES_SERVICE_HOST'] ?? '';
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  const agent = new Agent({ keepAlive: true });
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    // Read for each request, so that a renewed token is used at once.
    options: async (): Promise<RequestOptions> => {
      const token = await readFile(`${folder}/token`, 'utf8');
      const ca = await readFile(`${folder}/ca.crt`);
      return { agent, ca, headers: { Authorization: `Bearer ${token.trim()}` } };
    },
  };
}
