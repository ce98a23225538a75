/** Kubeconfig files, self-contained: certificates are embedded. */
import type { KeyPair } from './certificates.ts';

export interface KubeconfigOptions {
  readonly server: string;
  readonly authority: string;
  readonly user: string;
  readonly credentials: KeyPair | { readonly token: string };
  /** The name of the cluster and of the context. */
  readonly name: string;
  /** Default: the namespace `default`. */
  readonly namespace?: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** JSON, which is YAML too. */
export function renderKubeconfig(options: KubeconfigOptions): string {
  const { credentials } = options;
  const user =
    'token' in credentials
      ? { token: credentials.token }
      : {
          'client-certificate-data': base64(credentials.certificate),
          'client-key-data': base64(credentials.key),
        };
  const context = {
    cluster: options.name,
    user: options.user,
    ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': options.name,
    clusters: [
      {
        name: options.name,
        cluster: {
          server: options.server,
          'certificate-authority-data': base64(options.authority),
        },
      },
    ],
    users: [{ name: options.user, user }],
    contexts: [{ name: options.name, context }],
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}
