import { systemClock } from '@kata/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FleetWatch } from './fleet-watch.ts';
import { prepare } from './prepare.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { contextOf, daemonSetObject, namespace, nodeObject, releases } from './testkit/fleet-objects.ts';

const pull = 'rpc error: code = NotFound desc = registry.example/kata-deploy:3.25.0: not found';
let cluster: FakeCluster;

beforeEach(async () => {
  cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  const { before } = releases;
  cluster.put('nodes', nodeObject('n1', { status: { current: before, offered: before, podUid: 'old' } }));
});

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

/** The installer's pod, which was made from the present template. */
function putPod(state: object): void {
  cluster.put('pods', {
    metadata: {
      ...{ name: 'kata-deploy-n1', namespace, uid: 'new' },
      labels: { name: 'kata-deploy', 'pod-template-generation': '1' },
      ownerReferences: [{ kind: 'DaemonSet', name: 'kata-deploy', uid: 'daemonset', controller: true }],
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { nodeName: 'n1' },
    status: { phase: 'Pending', initContainerStatuses: [{ name: 'kata-deploy', restartCount: 0, state }] },
  });
}

async function prepareFor(timeoutMs: number, imageMs: number): Promise<readonly string[]> {
  const context = contextOf(cluster, systemClock);
  const podLabels = { name: 'kata-deploy' };
  await using watch = new FleetWatch(context, {
    podLabels,
    verification: { namespace: 'default', run: 'r1' },
  });
  const nodes = [{ uid: cluster.get('nodes', 'n1')?.metadata.uid ?? '' }];
  const lease = { check: async () => await Promise.resolve() };
  await prepare(context, { nodes, timeoutMs, imageMs, watch, lease });
  return context.events.map((event) => (event.kind === 'node.waiting' ? event.what : event.kind));
}

test('an image that cannot be pulled is named, and waited for less long than an offer', async () => {
  putPod({ waiting: { reason: 'ErrImagePull', message: pull } });

  await expect(prepareFor(60_000, 1500)).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_NOT_PREPARED',
    exitCode: 5,
    message: `timed out after 1.5 s waiting for the image of the installer on n1: ErrImagePull: ${pull}`,
  });
});

test('while it cannot be pulled, the reason is told once; an offer afterwards ends the wait', async () => {
  putPod({ waiting: { reason: 'ErrImagePull', message: pull } });
  setTimeout(() => putPod({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off' } }), 200);
  setTimeout(() => putPod({ running: {} }), 500);
  setTimeout(() => {
    const { target, before } = releases;
    cluster.put('nodes', nodeObject('n1', { status: { current: before, offered: target, podUid: 'new' } }));
  }, 800);

  expect(await prepareFor(60_000, 30_000)).toEqual([
    `the image of the installer cannot be pulled: ErrImagePull: ${pull}`,
  ]);
});

test('a node without an offer is named', async () => {
  putPod({ running: {} });

  await expect(prepareFor(1000, 30_000)).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_NOT_PREPARED',
    message: 'timed out after 1 s waiting for the installer to offer a release on: n1',
  });
});
