/** What a cluster does by itself: the DaemonSet makes pods, installers follow approvals, kubelets run verification pods. */
import { readStatus } from '@kata/node';
import type { FakeCluster, FakeObject } from './fake-cluster.ts';
import { namespace } from './fleet-objects.ts';

export interface Behaviour {
  /** What the payload offers. */
  readonly payload: string;
  /** Whether the user's pod passes on the node with this release. */
  readonly passes: (node: string, release: string) => boolean;
  /** Whether the node's store has the release; left out: always. */
  readonly stores?: (node: string, release: string) => boolean;
}

/** The payload can be replaced, as Helm does it. */
export interface SimulatedCluster {
  readonly setPayload: (release: string) => void;
}

export function simulateCluster(cluster: FakeCluster, given: Behaviour): SimulatedCluster {
  let behaviour = given;
  let generation = 1;
  for (const name of ['n1', 'n2', 'n3']) {
    if (cluster.get('nodes', name) !== undefined) startInstaller(cluster, name, { number: 0, generation });
  }
  let started = 0;
  cluster.react = ({ type, path, object }) => {
    const { name, labels } = object.metadata;
    const node = nodeOf(object);
    if (type === 'ADDED' && path.startsWith('/api/v1/nodes/')) {
      startInstaller(cluster, name, { number: 0, generation });
      install(cluster, name, `${name}-0`, behaviour);
    }
    if (type === 'DELETED' && labels?.['name'] === 'kata-deploy') {
      started += 1;
      startInstaller(cluster, node, { number: started, generation });
      install(cluster, node, `${node}-${started}`, behaviour);
    } else if (type === 'ADDED' && path.includes('/namespaces/default/pods/')) {
      endPod(cluster, name, behaviour);
    }
  };
  return {
    setPayload: (payload) => {
      behaviour = { ...behaviour, payload };
      generation += 1;
      const daemonSet = cluster.get('daemonsets', 'kata-deploy', namespace);
      if (daemonSet === undefined) return;
      const annotations = { 'deprecated.daemonset.template.generation': String(generation) };
      cluster.put('daemonsets', { ...daemonSet, metadata: { ...daemonSet.metadata, annotations } });
    },
  };
}

function startInstaller(
  cluster: FakeCluster,
  node: string,
  { number, generation }: { readonly number: number; readonly generation: number },
): void {
  cluster.put('pods', {
    metadata: {
      name: `kata-deploy-${node}-${number}`,
      namespace,
      uid: `${node}-${number}`,
      labels: { name: 'kata-deploy', 'pod-template-generation': String(generation) },
      ownerReferences: [{ kind: 'DaemonSet', name: 'kata-deploy', uid: 'daemonset', controller: true }],
      creationTimestamp: new Date().toISOString(),
    },
    spec: { nodeName: node },
    status: { phase: 'Running' },
  });
}

function install(
  cluster: FakeCluster,
  name: string,
  podUid: string,
  { payload, stores = () => true }: Behaviour,
): void {
  const node = cluster.get('nodes', name);
  const annotations = (node?.metadata['annotations'] ?? {}) as Readonly<Record<string, string>>;
  const before = readStatus({ annotations }, '');
  const approved = annotations['katacontainers.io/kata-approved-release'];
  if (node === undefined || before === undefined) return;
  const isMissing = approved !== undefined && approved !== payload && !stores(name, approved);
  const current = isMissing ? before.current : (approved ?? before.current);
  const phase = isMissing
    ? { phase: 'held', reason: 'ApprovedReleaseMissing' }
    : current === undefined
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
