/** Name of kata-lifecycle as a Kubernetes client, and hints for failed requests. */
import type { Client } from '@kata/kube';

const again = 'run the same command again: it goes on where it stopped';

export const lifecycleClient: Client = {
  name: 'kata-lifecycle',
  controller: 'katacontainers.io/kata-lifecycle',
  hints: {
    KATA_KUBE_UNREACHABLE: `check KUBECONFIG and the network; then ${again}`,
    KATA_KUBE_CONFLICT: `find the program that keeps changing it; then ${again}`,
    KATA_KUBE_OVERLOADED: again,
    KATA_KUBE_SERVER: `see the log of the API server; then ${again}`,
    KATA_KUBE_UNAUTHORIZED: 'check the credentials in KUBECONFIG, or the ServiceAccount of the pod',
    KATA_KUBE_FORBIDDEN:
      'compare the rights of the account with those in the README of charts/kata-lifecycle-manager',
    KATA_KUBE_NOT_FOUND: 'check the names that were given',
    KATA_KUBE_REFUSED: 'this is a bug in kata-lifecycle: please report it with this message',
  },
};
