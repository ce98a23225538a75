import { expect, test } from 'vitest';
import { FakeCluster } from './testkit/fake-cluster.ts';
import {
  contextOf,
  daemonSetObject,
  nodeObject,
  releases,
  runRecord,
  verificationPod,
} from './testkit/fleet-objects.ts';
import { simulateCluster } from './testkit/simulate-cluster.ts';
import { formatVerdicts, verifyNodes } from './verify-nodes.ts';

const { target } = releases;
const verification = { pod: verificationPod, namespace: 'default', timeoutMs: 180_000 };

async function start(): Promise<FakeCluster> {
  const cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  const status = { current: target, offered: target };
  for (const name of ['n1', 'n2'])
    cluster.put('nodes', nodeObject(name, { status, isCordoned: name === 'n2' }));
  simulateCluster(cluster, { payload: target, passes: (node) => node === 'n1' });
  return cluster;
}

test('each node gets its verdict, with evidence of a failure; only pods are written, and they are deleted', async () => {
  await using cluster = await start();

  const verdicts = await verifyNodes(contextOf(cluster), { nodes: ['n2', 'n1', 'n2'], verification });

  const text = formatVerdicts(verdicts).replaceAll(/kata-verify-(n\d)-[0-9a-f]+/g, 'kata-verify-$1');
  expect(text).toBe(
    [
      `n1 passed on ${target}: the verification pod for node "n1" succeeded`,
      `n2 failed (exit-3) on ${target}: the verification pod for node "n2" failed: container "verify" ended with exit code 3`,
      'pod default/kata-verify-n2: Failed',
      '  container verify: ended with exit code 3, Error; 0 restarts',
    ].join('\n'),
  );
  const kinds = new Set(cluster.writes.map((write) => write.replace(/\/kata-verify-.*/, '')));
  expect([...kinds]).toEqual(['POST pods?dryRun=All', 'POST pods', 'DELETE pods']);
  expect(cluster.writes.filter((write) => write.startsWith('DELETE'))).toHaveLength(2);
});

test('without a pod of the user, that of the last run is taken; without a run, it is asked for', async () => {
  await using cluster = await start();
  const order = { nodes: ['n1'], verification: undefined };

  await expect(verifyNodes(contextOf(cluster), order)).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_PARAMETER',
    hint: 'give yours: --verification-pod FILE',
  });
  cluster.put('configmaps', runRecord({ id: 'r1' }, { stage: 'ended' }));
  expect(await verifyNodes(contextOf(cluster), order)).toMatchObject([{ node: 'n1', verdict: 'passed' }]);
});

test('a pod that is refused is reported before any is created', async () => {
  await using cluster = await start();
  cluster.refusePod = () => 'exceeded quota';

  await expect(verifyNodes(contextOf(cluster), { nodes: ['n1'], verification })).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_POD_REFUSED',
  });
  expect(cluster.writes).toEqual(['POST pods?dryRun=All']);
});
