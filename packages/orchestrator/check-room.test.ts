import { listFleetNodes, podNeedsOf } from '@kata/kube/fleet';
import { expect, test } from 'vitest';
import { checkRoom } from './check-room.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { boundPod, type BoundPodOptions, contextOf, nodeObject } from './testkit/fleet-objects.ts';

const owner = (kind: string): object => ({
  ownerReferences: [{ kind, name: 'owner', uid: 'u1', controller: true }],
});

const daemon = owner('DaemonSet');

interface Case {
  readonly name: string;
  readonly pods?: readonly Omit<BoundPodOptions, 'node'>[];
  readonly wanted: object;
  readonly isDrained?: boolean;
  /** Undefined: it fits. */
  readonly problem?: string;
}

const cases: readonly Case[] = [
  { name: 'a pod that requests nothing', wanted: {} },
  { name: 'exactly what is free', pods: [{ requests: { cpu: '1500m' } }], wanted: { cpu: '500m' } },
  {
    name: 'one core too much',
    pods: [{ requests: { cpu: '1500m' } }],
    wanted: { cpu: '501m' },
    problem: 'cpu: 501m wanted, 500m free',
  },
  {
    name: 'a resource that the node does not have',
    wanted: { 'nvidia.com/gpu': '1' },
    problem: 'nvidia.com/gpu: 1 wanted, 0 free',
  },
  {
    name: 'two resources, one of them taken',
    pods: [{ requests: { memory: '900Mi' } }],
    wanted: { memory: '200Mi', 'example.com/tpu': '2' },
    problem: 'memory: 200Mi wanted, 124Mi free, example.com/tpu: 2 wanted, 1 free',
  },
  {
    name: 'pods that ended take nothing',
    pods: [{ requests: { cpu: '2' }, phase: 'Failed' }],
    wanted: { cpu: '2' },
  },
  {
    name: 'a pod that is terminating will be gone',
    pods: [{ requests: { cpu: '2' }, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
    wanted: { cpu: '1' },
  },
  {
    name: 'the drain frees what it evicts',
    pods: [{ requests: { cpu: '2' }, metadata: owner('ReplicaSet') }],
    wanted: { cpu: '2' },
    isDrained: true,
  },
  {
    name: 'pods of DaemonSets stay during a drain',
    pods: [{ requests: { cpu: '1' }, metadata: daemon }],
    wanted: { cpu: '2' },
    isDrained: true,
    problem: 'cpu: 2 wanted, 1 free',
  },
  {
    name: 'all places for pods are taken',
    pods: [{ requests: {} }, { requests: {} }, { requests: {} }],
    wanted: {},
    problem: 'pods: 1 wanted, 0 free',
  },
  {
    name: 'an earlier verification pod is deleted before',
    pods: [
      { requests: { cpu: '2' }, metadata: { labels: { 'katacontainers.io/kata-lifecycle-run': 'r0' } } },
    ],
    wanted: { cpu: '2' },
  },
];

const allocatable = { cpu: '2', memory: '1Gi', pods: '3', 'example.com/tpu': '1' };

async function startWith(
  pods: Case['pods'] = [],
  has: Readonly<Record<string, string>> = allocatable,
): Promise<FakeCluster> {
  const cluster = await FakeCluster.start();
  cluster.put('nodes', nodeObject('n1', { allocatable: has }));
  cluster.put('pods', boundPod('elsewhere', { node: 'n2', requests: { cpu: '2' } }));
  for (const [i, pod] of pods.entries()) cluster.put('pods', boundPod(`p${i}`, { ...pod, node: 'n1' }));
  return cluster;
}

async function check(cluster: FakeCluster, spec: object, isDrained = false): Promise<void> {
  const context = contextOf(cluster);
  const nodes = await listFleetNodes(context.api);
  await checkRoom(context, { nodes, needs: new Map([['n1', podNeedsOf({ spec })]]), isDrained });
}

test.each(cases)('$name', async ({ pods, wanted, isDrained, problem }) => {
  await using cluster = await startWith(pods);
  const spec = { containers: [{ name: 'c', resources: { requests: wanted } }] };

  const checking = check(cluster, spec, isDrained);

  if (problem === undefined) await expect(checking).resolves.toBeUndefined();
  else {
    await expect(checking).rejects.toMatchObject({
      code: 'KATA_LIFECYCLE_NO_ROOM',
      message: `the verification pod does not fit: node "n1": ${problem}`,
    });
  }
});

test('a pod of higher priority takes the room of others, unless it never preempts', async () => {
  await using cluster = await startWith([{ requests: { cpu: '2' } }]);
  const spec = { priority: 100, containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] };

  await check(cluster, spec);
  await expect(check(cluster, { ...spec, preemptionPolicy: 'Never' })).rejects.toThrow(
    'cpu: 1 wanted, 0 free',
  );
});

test('a node whose kubelet has not reported what it has is not judged', async () => {
  await using cluster = await startWith([], {});

  const checking = check(cluster, { containers: [{ name: 'c', resources: { requests: { cpu: '64' } } }] });

  await expect(checking).resolves.toBeUndefined();
});

test('the hint names the ways to make room', async () => {
  await using cluster = await startWith();
  const spec = { containers: [{ name: 'c', resources: { requests: { cpu: '3' } } }] };

  await expect(check(cluster, spec)).rejects.toMatchObject({
    exitCode: 3,
    hint: 'no node was changed; make room (kubectl describe node n1), lower the requests of the pod, to which the overhead of its RuntimeClass is added, or let the run evict the pods of each node (--drain, drain-enabled)',
    details: { nodes: { n1: 'cpu: 3 wanted, 2 free' } },
  });
  await expect(check(cluster, spec, true)).rejects.toMatchObject({
    hint: 'no node was changed; make room (kubectl describe node n1), lower the requests of the pod, to which the overhead of its RuntimeClass is added',
  });
});
