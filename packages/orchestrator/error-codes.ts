/** The codes with which kata-lifecycle ends, for the reference page. The meaning of a code never changes. */
import { type ExitCode, exitCodes } from '@kata/core';

interface ErrorCode {
  readonly exits: readonly ExitCode[];
  readonly meaning: string;
}

const { bug, usage, precondition, conflict, timeout, partial, verification, temporary } = exitCodes;

export const errorCodes = {
  KATA_LIFECYCLE_DEPOSED: {
    exits: [conflict],
    meaning: 'another process has claimed the node; this one has written nothing since',
  },
  KATA_LIFECYCLE_HELD: {
    exits: [conflict],
    meaning: '`unmanage` is refused: a node would install a release that it was not approved',
  },
  KATA_LIFECYCLE_NODE_GONE: { exits: [conflict], meaning: 'a node of the run was deleted' },
  KATA_LIFECYCLE_NOT_PREPARED: {
    exits: [timeout],
    meaning: 'the installer of a node has not offered the release in time; no node was changed',
  },
  KATA_LIFECYCLE_NO_INSTALLATION: {
    exits: [precondition],
    meaning: 'the namespace has no DaemonSet of this Helm release, or more than one',
  },
  KATA_LIFECYCLE_NO_NODE: { exits: [usage], meaning: 'the cluster has no node of this name' },
  KATA_LIFECYCLE_NO_ROLLBACK: {
    exits: [precondition],
    meaning: 'there is no earlier release to return to; no node was changed',
  },
  KATA_LIFECYCLE_NO_ROOM: {
    exits: [precondition],
    meaning: 'the verification pod does not fit on a node; no node was changed',
  },
  KATA_LIFECYCLE_NO_RUN: { exits: [precondition], meaning: 'there is no record of this run' },
  KATA_LIFECYCLE_PARAMETER: {
    exits: [usage],
    meaning: 'an option, or a parameter of the workflow, is missing or not valid',
  },
  KATA_LIFECYCLE_POD_REFUSED: {
    exits: [precondition],
    meaning: 'the API server refuses the verification pod, as a dry run shows; no node was changed',
  },
  KATA_LIFECYCLE_RUNNING: { exits: [conflict], meaning: 'another run is in progress; the message names it' },
  KATA_LIFECYCLE_RUN_NAME: {
    exits: [usage],
    meaning: '`--run` of a workflow step is not what `step plan` wrote',
  },
  KATA_LIFECYCLE_RUN_RECORD: {
    exits: [conflict],
    meaning: 'the ConfigMap of a run is not readable: another version wrote it, or somebody changed it',
  },
  KATA_LIFECYCLE_RUN_VALUES: {
    exits: [conflict],
    meaning: 'the Secret with the Helm values of a run was deleted or changed; no node was changed',
  },
  KATA_LIFECYCLE_UNFINISHED: {
    exits: [conflict, partial],
    meaning:
      'an earlier run has not ended, or nodes of this one are in progress; the message has the next command',
  },
  KATA_ROLLOUT_NO_NODE: { exits: [usage], meaning: 'the cluster has no node of this name' },
  KATA_ROLLOUT_POD_INVALID: { exits: [usage], meaning: 'the verification pod is not one valid Pod' },
  KATA_ROLLOUT_SELECTOR_INVALID: {
    exits: [usage],
    meaning: 'the label selector or the taint of the selection is not valid',
  },
  KATA_HELM_ANSWER: {
    exits: [precondition],
    meaning: 'the output of Helm has another form than that of Helm 3',
  },
  KATA_HELM_BUSY: { exits: [conflict], meaning: 'another Helm is changing the release' },
  KATA_HELM_CHART_ABSENT: { exits: [precondition], meaning: 'the source has no such chart or version' },
  KATA_HELM_CHART_SOURCE: { exits: [usage], meaning: '`--chart` and its options are not a source of charts' },
  KATA_HELM_CHART_VERSION: {
    exits: [precondition],
    meaning: 'version or appVersion of the chart is not the requested one',
  },
  KATA_HELM_CREDENTIALS: {
    exits: [precondition],
    meaning:
      'the registry of the chart, or the cluster, refuses the credentials; or their file is not readable',
  },
  KATA_HELM_FAILED: {
    exits: [precondition],
    meaning: 'Helm failed for another reason: the message has its text',
  },
  KATA_HELM_FORBIDDEN: { exits: [precondition], meaning: 'the account that runs Helm lacks a right' },
  KATA_HELM_IMAGE_PINNED: {
    exits: [precondition],
    meaning: 'a value of the release keeps the old image; the message says what to set',
  },
  KATA_HELM_MISSING: { exits: [precondition], meaning: 'there is no Helm; see `--helm`' },
  KATA_HELM_NAME: { exits: [usage], meaning: 'the name of the release or its namespace is not valid' },
  KATA_HELM_NEVER_DEPLOYED: {
    exits: [precondition],
    meaning: 'the first installation of the release was interrupted: there is nothing to return to',
  },
  KATA_HELM_OTHER_CHART: { exits: [precondition], meaning: 'the release is not one of kata-deploy' },
  KATA_HELM_PENDING: {
    exits: [conflict],
    meaning: 'the newest revision is pending; only `plan` ends with this, an upgrade recovers the release',
  },
  KATA_HELM_RELEASE_ABSENT: { exits: [precondition], meaning: 'there is no such Helm release, or revision' },
  KATA_HELM_REVISION_GONE: {
    exits: [precondition],
    meaning: 'Helm has deleted the revision, or it is not the recorded one',
  },
  KATA_HELM_SET_VALUES: { exits: [usage], meaning: '`--set` is not valid, or would change further values' },
  KATA_HELM_TIMEOUT: { exits: [timeout], meaning: 'Helm did not end in time' },
  KATA_HELM_TLS: {
    exits: [precondition],
    meaning: 'the registry of the chart is not trusted, or has no TLS',
  },
  KATA_HELM_UNREACHABLE: { exits: [temporary], meaning: 'Helm cannot reach the cluster or the registry' },
  KATA_HELM_VALUES_AT_RISK: {
    exits: [conflict],
    meaning: 'a failed revision changed values that Helm would drop silently; the message names them',
  },
  KATA_HELM_VERIFICATION: {
    exits: [verification],
    meaning: 'after a rollback, the release is not as it should be: another Helm may have changed it',
  },
  KATA_HELM_VERSION: { exits: [precondition], meaning: 'this Helm is too old' },
  KATA_KUBE_CONFLICT: { exits: [temporary], meaning: 'an object is being modified concurrently' },
  KATA_KUBE_FORBIDDEN: { exits: [precondition], meaning: 'the account lacks a right' },
  KATA_KUBE_KUBELET: { exits: [precondition], meaning: 'the kubelet of a node has no address' },
  KATA_KUBE_LEASE_LOST: {
    exits: [conflict],
    meaning: 'another process holds the Lease of the runs; this one has changed nothing since',
  },
  KATA_KUBE_NOT_FOUND: { exits: [precondition], meaning: 'an object does not exist' },
  KATA_KUBE_OVERLOADED: { exits: [temporary], meaning: 'the API server is overloaded' },
  KATA_KUBE_POD_EXISTS: { exits: [conflict], meaning: 'there is another pod of this name' },
  KATA_KUBE_PRECONDITION: { exits: [conflict], meaning: 'an object was changed before our change' },
  KATA_KUBE_REFUSED: { exits: [bug], meaning: 'the API server calls a request of ours not valid' },
  KATA_KUBE_SERVER: { exits: [temporary], meaning: 'internal error of the API server' },
  KATA_KUBE_TIMEOUT: { exits: [timeout], meaning: 'a pod did not get as far in time' },
  KATA_KUBE_UNAUTHORIZED: { exits: [precondition], meaning: 'the credentials for the cluster are not valid' },
  KATA_KUBE_UNREACHABLE: { exits: [temporary], meaning: 'the API server does not answer' },
  KATA_KUBE_UNSTABLE: { exits: [temporary], meaning: 'another program reverts the labels of a node' },
} as const satisfies Readonly<Record<string, ErrorCode>>;
