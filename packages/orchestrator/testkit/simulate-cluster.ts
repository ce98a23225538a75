/** What a cluster does by itself: the DaemonSet makes pods, installers follow approvals, kubelets run verification pods. */
import { readStatus } from '@kata/node';
import type { FakeCluster, FakeObject } from './fake-cluster.ts';
import { namespace } from './fleet-objects.ts';

export interface Behaviour {
  /** What the payload offers. */
  readonly payload: string;
  /** Whether the user's pod passes on the node with this release. */
  readonly passes: (node: string, release: string) => boolean;
}

export function simulateCluster(cluster: FakeCluster, behaviour: Behaviour): void {
  for (const name of ['n1', 'n2', 'n3']) {
    if (cluster.get('nodes', name) !== undefined) startInstaller(cluster, name, 0);
  }
  let started = 0;
  cluster.react = ({ type, path, object }) => {
    const { name, labels } = object.metadata;
    const node = nodeOf(object);
    if (type === 'ADDED' && path.startsWith('/api/v1/nodes/')) {
      startInstaller(cluster, name, 0);
      install(cluster, name, `${name}-0`, behaviour.payload);
    }
    if (type === 'DELETED' && labels?.['name'] === 'kata-deploy') {
      started += 1;
      startInstaller(cluster, node, started);
      install(cluster, node, `${node}-${started}`, behaviour.payload);
    } else if (type === 'ADDED' && path.includes('/namespaces/default/pods/')) {
      endPod(cluster, name, behaviour);
    }
  };
}

function startInstaller(cluster: FakeCluster, node: string, number: number): void {
  cluster.put('pods', {
    metadata: {
      name: `kata-deploy-${node}-${number}`,
      namespace,
      uid: `${node}-${number}`,
      labels: { name: 'kata-deploy', 'pod-template-generation': '1' },
      ownerReferences: [{ kind: 'DaemonSet', name: 'kata-deploy', uid: 'daemonset', controller: true }],
      creationTimestamp: new Date().toISOString(),
    },
    spec: { nodeName: node },
    status: { phase: 'Running' },
  });
}

/** Every release is in the store of the node. */
function install(cluster: FakeCluster, name: string, podUid: string, payload: string): void {
  const node = cluster.get('nodes', name);
  const annotations = (node?.metadata['annotations'] ?? {}) as Readonly<Record<string, string>>;
  const before = readStatus({ annotations }, '');
  const approved = annotations['katacontainers.io/kata-approved-release'];
  if (node === undefined || before === undefined) return;
  const current = approved ?? before.current;
  const isHeld = current === undefined;
  const phase = isHeld
    ? { phase: 'held', reason: 'NotApproved' }
    : { phase: 'installed', reason: 'Installed' };
  const status = {
    ...before,
    ...{ ...phase, podUid, approved, current, offered: payload },
    ...(current === before.current ? {} : { previous: before.current }),
    attempt: (before.attempt ?? 0) + 1,
  };
  const text = JSON.stringify(status);
  const changed = { ...annotations, 'katacontainers.io/kata-deploy-status': text };
  cluster.put('nodes', { ...node, metadata: { ...node.metadata, annotations: changed } });
}

function endPod(cluster: FakeCluster, name: string, { passes }: Behaviour): void {
  const pod = cluster.get('pods', name, 'default');
  if (pod === undefined) return;
  const annotations = (pod.metadata['annotations'] ?? {}) as Readonly<Record<string, string>>;
  const node = (annotations['katacontainers.io/kata-lifecycle-verification'] ?? '').split('/')[0] ?? '';
  const found = cluster.get('nodes', node)?.metadata['annotations'] as Readonly<Record<string, string>>;
  const isPassed = passes(node, readStatus({ annotations: found }, '')?.current ?? '');
  const exit = { exitCode: isPassed ? 0 : 3, reason: isPassed ? 'Completed' : 'Error' };
  cluster.put('pods', {
    ...pod,
    spec: { ...(pod['spec'] as object), nodeName: node },
    status: {
      phase: isPassed ? 'Succeeded' : 'Failed',
      containerStatuses: [{ name: 'verify', restartCount: 0, state: { terminated: exit } }],
    },
  });
}

function nodeOf(object: FakeObject): string {
  return ((object['spec'] ?? {}) as { readonly nodeName?: string }).nodeName ?? '';
}
