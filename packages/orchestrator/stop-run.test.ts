import { JumpingClock } from '@kata/core/testkit';
import type { Claim } from '@kata/rollout';
import { expect, test } from 'vitest';
import { stopRun } from './stop-run.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import {
  claimOf,
  contextOf,
  daemonSetObject,
  leaseObject,
  nodeObject,
  runRecord,
} from './testkit/fleet-objects.ts';

async function start(phase?: Claim['phase'], stage = 'prepared'): Promise<FakeCluster> {
  const cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  cluster.put('nodes', nodeObject('n1', phase === undefined ? {} : { claim: claimOf({ phase }) }));
  cluster.put('configmaps', runRecord({ id: 'r1' }, { stage }));
  return cluster;
}

const record = (cluster: FakeCluster): unknown =>
  cluster.get('configmaps', 'kata-lifecycle-run-r1', 'kube-system')?.['data'];

test('a run that a process has finishes its nodes first', async () => {
  await using cluster = await start('upgrading');
  cluster.put('leases', leaseObject('laptop-1', new Date('2026-01-01T00:00:00Z')));

  expect(await stopRun(contextOf(cluster, new JumpingClock()), undefined)).toEqual({
    run: 'r1',
    kind: 'stopping',
    nodes: ['n1 (upgrading)'],
    message: 'run r1 starts no further node; it finishes these first: n1 (upgrading)',
    next: 'kata-lifecycle status --watch',
  });
  expect(record(cluster)).toMatchObject({ stage: 'prepared', stop: 'true' });
});

test('a run that no process has is ended when no node is in progress', async () => {
  await using cluster = await start('completed');

  expect(await stopRun(contextOf(cluster, new JumpingClock()), 'r1')).toMatchObject({
    kind: 'stopped',
    message: 'run r1 has ended: no process had it, and no node was in progress',
  });
  expect(record(cluster)).toMatchObject({ stage: 'ended', outcome: 'stopped', stop: 'true' });
});

test.each(['verifying', 'failed', 'rolled-back'] as const)(
  'a run that no process has, with a node that is %s, is not ended; the message says how to finish it',
  async (phase) => {
    await using cluster = await start(phase);

    expect(await stopRun(contextOf(cluster, new JumpingClock()), undefined)).toMatchObject({
      kind: 'unfinished',
      nodes: [`n1 (${phase})`],
      next: 'kata-lifecycle upgrade --to 3.25.0 --verification-pod FILE',
    });
    expect(record(cluster)).toMatchObject({ stage: 'prepared', stop: 'true' });
  },
);

test('an ended run and a fleet without a run are left as they are', async () => {
  await using cluster = await start(undefined, 'ended');
  const context = contextOf(cluster, new JumpingClock());

  expect(await stopRun(context, 'r1')).toMatchObject({ kind: 'ended-before' });
  expect(await stopRun(context, undefined)).toMatchObject({ kind: 'none', message: 'every run has ended' });
  await expect(stopRun(context, 'r7')).rejects.toMatchObject({ code: 'KATA_LIFECYCLE_NO_RUN' });
  expect(cluster.writes).toEqual([]);
});
