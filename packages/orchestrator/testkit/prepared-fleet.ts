/** Three nodes of the cluster in memory, prepared by Helm: every installer offers the target. */
import { FakeCluster } from './fake-cluster.ts';
import { daemonSetObject, managedConfigMap, nodeObject, releases } from './fleet-objects.ts';

export const preparedNames: readonly string[] = ['n1', 'n2', 'n3'];

export async function startPreparedFleet(): Promise<FakeCluster> {
  const { before, target } = releases;
  const cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  cluster.put('configmaps', managedConfigMap());
  for (const name of preparedNames) {
    const status = { current: before, offered: target, approved: before, podUid: `${name}-0` };
    cluster.put('nodes', nodeObject(name, { status, approved: before }));
  }
  return cluster;
}

/** Phase, approval and cordon of each node, such as `completed 3.25.0-2 false`. */
export function endsOf(cluster: FakeCluster, names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const node = cluster.get('nodes', name);
    const annotations = node?.metadata['annotations'] as Readonly<Record<string, string>>;
    const { unschedulable = false } = (node?.['spec'] ?? {}) as { readonly unschedulable?: boolean };
    const status = annotations['katacontainers.io/kata-upgrade-status'] ?? 'untouched';
    return [status, annotations['katacontainers.io/kata-approved-release'], unschedulable].join(' ');
  });
}
