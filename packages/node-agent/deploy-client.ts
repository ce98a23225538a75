/** How kata-deploy is called in a cluster, and what its users can do when the cluster refuses it something. */
import { controllerName, programName } from '@kata/kata';
import type { Client } from '@kata/kube';

export const deployClient: Client = {
  name: programName,
  controller: controllerName,
  hints: {
    KATA_KUBE_UNREACHABLE: 'nothing is wrong with this node: it is tried again when the pod is started again',
    KATA_KUBE_CONFLICT: 'find who writes to it; it is tried again when the pod is started again',
    KATA_KUBE_OVERLOADED: 'it is tried again when the pod is started again',
    KATA_KUBE_SERVER: "see the API server's log; it is tried again when the pod is started again",
    KATA_KUBE_UNAUTHORIZED:
      'see whether the service account of the pod still exists; deleting the pod gives it a new token',
    KATA_KUBE_FORBIDDEN: 'compare ClusterRole and ClusterRoleBinding of kata-deploy with those of its chart',
    KATA_KUBE_NOT_FOUND: 'see whether it still exists, and whether NODE_NAME is the name of the node object',
    KATA_KUBE_REFUSED: 'this is a fault of kata-deploy: please report it with this message',
  },
};
