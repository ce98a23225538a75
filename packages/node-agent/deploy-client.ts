/** Name of kata-deploy as a Kubernetes client, and hints for failed requests. */
import { controllerName, programName } from '@kata/kata';
import type { Client } from '@kata/kube';

export const deployClient: Client = {
  name: programName,
  controller: controllerName,
  hints: {
    KATA_KUBE_UNREACHABLE:
      'the node itself is not affected; when kubelet restarts the container, it tries again',
    KATA_KUBE_CONFLICT:
      'find the program that keeps changing it; when kubelet restarts the container, it tries again',
    KATA_KUBE_OVERLOADED: 'when kubelet restarts the container, it tries again',
    KATA_KUBE_SERVER: "see the API server's log; when kubelet restarts the container, it tries again",
    KATA_KUBE_UNAUTHORIZED:
      'check that the ServiceAccount of the pod exists; delete the pod to get a new token',
    KATA_KUBE_FORBIDDEN:
      'compare the ClusterRole and ClusterRoleBinding of kata-deploy with those of its chart',
    KATA_KUBE_NOT_FOUND: 'check that it exists, and that NODE_NAME is the name of the Node object',
    KATA_KUBE_REFUSED: 'this is a bug in kata-deploy: please report it with this message',
  },
};
