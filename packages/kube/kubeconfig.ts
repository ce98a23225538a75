/** Reads the credentials of a user's kubeconfig, as `kubectl` does. */
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { Connection } from './connection.ts';

export function openKubeconfig(): Connection {
  const config = new KubeConfig();
  config.loadFromDefault();
  return {
    server: config.getCurrentCluster()?.server.replace(/\/+$/, '') ?? '',
    options: async (): Promise<RequestOptions> => {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      return options;
    },
  };
}
