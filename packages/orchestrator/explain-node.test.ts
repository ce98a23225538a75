import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { explainNode, formatExplanation } from './explain-node.ts';
import { formatHistory, readRunHistory } from './run-history.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import {
  claimOf,
  contextOf,
  daemonSetObject,
  nodeObject,
  type NodeOptions,
  releases,
  runRecord,
} from './testkit/fleet-objects.ts';

const { before, target } = releases;
const failure = { reason: 'exit-3', message: 'the verification pod for node "n.2" exits with 3' };
const record = {
  stage: 'ended',
  outcome: 'failed',
  'evidence.n.2.1': 'pod default/kata-verify-n-2: Failed\n  log of verify:\n    no /dev/kvm',
  'evidence.n.2.x.1': 'of a node with a longer name',
};

async function start(options: NodeOptions): Promise<FakeCluster> {
  const cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  cluster.put('nodes', nodeObject('n.2', options));
  cluster.put('configmaps', runRecord({ nodes: [{ name: 'n.2', uid: 'u' }] }, record));
  return cluster;
}

test('a failed node is explained with its evidence and all ways out', async () => {
  await using cluster = await start({
    status: {
      current: target,
      previous: before,
      offered: target,
      attempt: 4,
      ...{ phase: 'failed', reason: 'InstallFailed', code: 'KATA_X', message: 'no space' },
    },
    approved: before,
    isCordoned: true,
    claim: claimOf({
      phase: 'failed',
      failure,
      lifted: [{ key: 'pool', effect: 'NoSchedule', value: 'x' }],
    }),
  });

  const found = await explainNode(contextOf(cluster, new JumpingClock()), 'n.2');

  expect(formatExplanation(found)).toMatchInlineSnapshot(`
    "n.2: the verification pod for node "n.2" exits with 3
      next: kata-lifecycle rollback n.2
      or: kata-lifecycle verify n.2 (run only your pod there, and change nothing)
      or: kubectl uncordon n.2 (use the node as it is)

    installer  failed (KATA_X) since 2026-01-01T00:00:00.000Z, attempt 4
               no space
               installed 3.25.0-bbbbbbbb, previous 3.24.0-aaaaaaaa, offered 3.25.0-bbbbbbbb, approved 3.24.0-aaaaaaaa
    run        r1: failed since 2026-01-01T00:00:00.000Z
               upgrade to 3.25.0, started 2026-01-01T00:00:00.000Z: failed
               release before 3.24.0-aaaaaaaa, target 3.25.0-bbbbbbbb
               failure exit-3: the verification pod for node "n.2" exits with 3
               taints removed until the run ends: pool:NoSchedule
    node       Ready, cordoned by the run

    verification pod 1:
    pod default/kata-verify-n-2: Failed
      log of verify:
        no /dev/kvm"
  `);
  expect(found).toMatchObject({ next: 'kata-lifecycle rollback n.2', cordonedBy: 'run' });
});

test('a sound node is explained without a next command', async () => {
  await using cluster = await start({ status: { current: target, offered: target }, approved: target });

  const found = await explainNode(contextOf(cluster, new JumpingClock()), 'n.2');

  expect(formatExplanation(found)).toMatchInlineSnapshot(`
    "n.2: all is as it should be

    installer  installed (Installed) since 2026-01-01T00:00:00.000Z
               installed 3.25.0-bbbbbbbb, previous -, offered 3.25.0-bbbbbbbb, approved 3.25.0-bbbbbbbb
    run        none
    node       Ready"
  `);
});

test('an unknown node is refused', async () => {
  await using cluster = await start({});

  await expect(explainNode(contextOf(cluster), 'n3')).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_NO_NODE',
    message: 'the cluster has no node "n3"',
    exitCode: 2,
  });
});

test('the history has every run, the oldest first', async () => {
  await using cluster = await start({});
  const context = contextOf(cluster, new JumpingClock());
  cluster.put(
    'configmaps',
    runRecord(
      { id: 'r2', intent: 'roll-back', created: '2026-01-02T00:00:00.000Z', helm: null },
      { stage: 'prepared' },
    ),
  );

  expect(formatHistory(await readRunHistory(context), context)).toMatchInlineSnapshot(`
    "RUN  STARTED                   PURPOSE            NODES  OUTCOME
    r1   2026-01-01T00:00:00.000Z  upgrade to 3.25.0  1      failed
    r2   2026-01-02T00:00:00.000Z  rollback           0      interrupted"
  `);
});
