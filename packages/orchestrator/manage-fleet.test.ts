import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { manageFleet, unmanageFleet } from './manage-fleet.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import {
  contextOf,
  daemonSetObject,
  managedConfigMap,
  nodeObject,
  type NodeOptions,
  releases,
  runRecord,
} from './testkit/fleet-objects.ts';

const { before, target } = releases;
const serving = { current: target, offered: target };

async function start(nodes: Readonly<Record<string, NodeOptions>>): Promise<FakeCluster> {
  const cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  for (const [name, options] of Object.entries(nodes)) cluster.put('nodes', nodeObject(name, options));
  return cluster;
}

function approvals(cluster: FakeCluster, ...names: readonly string[]): readonly (string | undefined)[] {
  return names.map((name) => {
    const annotations = cluster.get('nodes', name)?.metadata['annotations'];
    return (annotations as Record<string, string>)['katacontainers.io/kata-approved-release'];
  });
}

test('management approves on each node what it has, whatever was approved or held before', async () => {
  await using cluster = await start({
    fresh: { status: serving },
    held: { status: { ...serving, current: before, phase: 'held', reason: 'HeldByAdministrator' } },
    stale: { status: serving, approved: before },
    version: { status: serving, approved: '3.25.0' },
    without: { status: { phase: 'held', reason: 'NotApproved', offered: target } },
  });
  const context = contextOf(cluster, new JumpingClock());

  const found = await manageFleet(context);
  expect(found.wasManaged).toBe(false);
  expect(found.nodes.toSorted()).toEqual(['fresh', 'held', 'stale']);
  expect(approvals(cluster, 'fresh', 'held', 'stale', 'version', 'without')).toEqual([
    ...[target, before, target, '3.25.0', undefined],
  ]);
  expect(cluster.writes.at(-1)).toBe('POST configmaps');
  expect(cluster.get('configmaps', 'kata-lifecycle', 'kube-system')?.['data']).toEqual({
    accepted: `${before}\n${target}`,
  });
  const writes = cluster.writes.length;
  expect(await manageFleet(context)).toEqual({ wasManaged: true, nodes: [] });
  expect(cluster.writes.length).toBe(writes);
});

test('the end of management is refused while a node would install another release', async () => {
  await using cluster = await start({
    n1: { status: serving, approved: target },
    n2: { status: { current: before, offered: target }, approved: before },
    n3: { status: { phase: 'held', reason: 'NotApproved', offered: target } },
  });
  cluster.put('configmaps', managedConfigMap());

  await expect(unmanageFleet(contextOf(cluster, new JumpingClock()))).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_HELD',
    exitCode: 4,
    message: `without management these nodes would install another release, unverified: n2 (has ${before}, offered ${target}), n3 (has no release, offered ${target})`,
    hint: 'upgrade them: kata-lifecycle upgrade --to VERSION --verification-pod FILE; or return the Helm release to what they have: helm rollback kata-deploy REVISION --namespace kube-system',
  });
  expect(cluster.writes).toEqual([]);
});

test('the end of management removes the gate first, then approvals; repeated, it finishes', async () => {
  await using cluster = await start({
    n1: { status: serving, approved: target },
    n2: { status: { ...serving, phase: 'held', reason: 'HeldByAdministrator' }, approved: target },
  });
  cluster.put('configmaps', managedConfigMap());
  const context = contextOf(cluster, new JumpingClock());

  expect(await unmanageFleet(context)).toEqual({ wasManaged: true, nodes: ['n1', 'n2'] });
  expect(cluster.writes).toEqual(['DELETE configmaps/kata-lifecycle', 'PATCH nodes/n1', 'PATCH nodes/n2']);
  expect(approvals(cluster, 'n1', 'n2')).toEqual([undefined, undefined]);

  cluster.put('nodes', nodeObject('n2', { status: serving, approved: target }));
  expect(await unmanageFleet(context)).toEqual({ wasManaged: false, nodes: ['n2'] });
  expect(await unmanageFleet(context)).toEqual({ wasManaged: false, nodes: [] });
});

test('the end of management is refused while a run has not ended', async () => {
  await using cluster = await start({ n1: { status: serving, approved: target } });
  cluster.put('configmaps', managedConfigMap());
  cluster.put('configmaps', runRecord({ id: 'r1' }, { stage: 'prepared' }));

  await expect(unmanageFleet(contextOf(cluster, new JumpingClock()))).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_UNFINISHED',
  });
  expect(cluster.writes).toEqual([]);
});

test.each([
  ['begins', manageFleet, false],
  ['ends', unmanageFleet, true],
])(
  'a node that is deleted while management %s does not keep it from that',
  async (_, command, isManagedBefore) => {
    const approved = isManagedBefore ? target : before;
    await using cluster = await start({
      n1: { status: serving, approved },
      n2: { status: serving, approved },
      n3: { status: serving, approved },
    });
    if (isManagedBefore) cluster.put('configmaps', managedConfigMap());
    cluster.react = ({ type, path }) => {
      if (type === 'MODIFIED' && path === '/api/v1/nodes/n1') cluster.remove('nodes', 'n2');
    };

    const { nodes } = await command(contextOf(cluster, new JumpingClock()));

    expect(nodes).toEqual(['n1', 'n3']);
  },
);
