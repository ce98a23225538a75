import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { formatFleetStatus, readFleetStatus } from './fleet-status.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import {
  both,
  claimOf,
  contextOf,
  daemonSetObject,
  leaseObject,
  managedConfigMap,
  nodeObject,
  type NodeOptions,
  releases,
  runRecord,
} from './testkit/fleet-objects.ts';

const { before, target } = releases;
const serving = { current: target, offered: target };
const failure = { reason: 'exit-1', message: 'the verification pod exits with 1' };

async function statusOf(
  nodes: Readonly<Record<string, NodeOptions>>,
  others: (cluster: FakeCluster) => void = () => undefined,
): Promise<string> {
  await using cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  cluster.put('configmaps', managedConfigMap());
  for (const [name, options] of Object.entries(nodes)) cluster.put('nodes', nodeObject(name, options));
  others(cluster);
  const context = contextOf(cluster, new JumpingClock());
  const text = formatFleetStatus(await readFleetStatus(context), context);
  expect(cluster.writes).toEqual([]);
  return text;
}

test('a fleet where all is as it should be needs no notes', async () => {
  const text = await statusOf({ n1: { status: serving, approved: target, claim: claimOf() } }, (cluster) =>
    cluster.put('configmaps', runRecord({}, { stage: 'ended', outcome: 'succeeded' })),
  );

  expect(text).toMatchInlineSnapshot(`
    "managed; run r1: succeeded

    NODE  INSTALLED        INSTALLER  RUN        SCHEDULING
    n1    3.25.0-bbbbbbbb  installed  completed"
  `);
});

test('after a failed run each node has its reason and the next command', async () => {
  const text = await statusOf(
    {
      n1: { status: serving, approved: target, claim: claimOf() },
      n2: { status: both, approved: before, claim: claimOf({ phase: 'rolled-back', failure }) },
      n3: { status: both, approved: before },
      n4: {
        status: { ...serving, phase: 'failed', reason: 'InstallFailed', code: 'KATA_X', message: 'no space' },
        isCordoned: true,
        claim: claimOf({
          phase: 'failed',
          failure: {
            reason: 'install',
            message: 'the installer reports KATA_X: no space; rollback: timed out',
          },
        }),
      },
    },
    (cluster) => cluster.put('configmaps', runRecord({}, { stage: 'ended', outcome: 'failed' })),
  );

  expect(text).toMatchInlineSnapshot(`
    "managed; run r1: failed

    NODE  INSTALLED        INSTALLER  RUN          SCHEDULING
    n1    3.25.0-bbbbbbbb  installed  completed
    n2    3.24.0-aaaaaaaa  installed  rolled-back
    n3    3.24.0-aaaaaaaa  installed  -
    n4    3.25.0-bbbbbbbb  failed     failed       cordoned by the run

    n2: the verification pod exits with 1
      next: kata-lifecycle upgrade --to 3.25.0 --verification-pod FILE
    n3: release 3.25.0-bbbbbbbb is offered and not approved; it stays on 3.24.0-aaaaaaaa
      next: kata-lifecycle upgrade --to 3.25.0 --verification-pod FILE
    n4: the installer reports KATA_X: no space; rollback: timed out
      next: kata-lifecycle rollback n4"
  `);
});

test('a verified node that keeps the new release after a failed run is not sent back', async () => {
  const text = await statusOf(
    {
      n1: { status: { current: target, offered: before }, approved: target, claim: claimOf() },
      n2: { status: { current: target, offered: '3.26.0-cccccccc' }, approved: target, claim: claimOf() },
    },
    (cluster) => cluster.put('configmaps', runRecord({}, { stage: 'ended', outcome: 'failed' })),
  );

  expect(text.split('\n').slice(-4).join('\n')).toMatchInlineSnapshot(`
    "n1: it stays on 3.25.0-bbbbbbbb, which run r1 verified; the Helm release is back on 3.24.0-aaaaaaaa
      next: kata-lifecycle upgrade --to 3.25.0 --verification-pod FILE
    n2: release 3.26.0-cccccccc is offered and not approved; it stays on 3.25.0-bbbbbbbb
      next: kata-lifecycle upgrade --to 3.26.0 --verification-pod FILE"
  `);
});

test('after a good run, the earlier release is an offer of whoever called Helm', async () => {
  const text = await statusOf(
    { n1: { status: { current: target, offered: before }, approved: target, claim: claimOf() } },
    (cluster) => cluster.put('configmaps', runRecord({}, { stage: 'ended', outcome: 'succeeded' })),
  );

  expect(text.split('\n').slice(-2).join('\n')).toMatchInlineSnapshot(`
    "n1: release 3.24.0-aaaaaaaa is offered and not approved; it stays on 3.25.0-bbbbbbbb
      next: kata-lifecycle upgrade --to 3.24.0 --verification-pod FILE"
  `);
});

test('a cordon of an administrator is told from that of an interrupted run', async () => {
  const text = await statusOf(
    {
      n1: { status: both, approved: before, isCordoned: true, claim: claimOf({ phase: 'upgrading' }) },
      n2: { status: { ...both, offered: before }, approved: before, isCordoned: true },
    },
    (cluster) => cluster.put('configmaps', runRecord({}, { stage: 'prepared' })),
  );

  expect(text).toMatchInlineSnapshot(`
    "managed; run r1: interrupted, no process has it (stage: prepared)

    NODE  INSTALLED        INSTALLER  RUN        SCHEDULING
    n1    3.24.0-aaaaaaaa  installed  upgrading  cordoned by the run
    n2    3.24.0-aaaaaaaa  installed  -          cordoned by an administrator

    n1: run r1 was interrupted and has left the node in the phase upgrading
      next: kata-lifecycle upgrade --to 3.25.0 --verification-pod FILE
    n2: an administrator cordoned it; runs leave it cordoned"
  `);
});

test('while a process has the run, the next command is to watch it', async () => {
  const text = await statusOf(
    { n1: { status: both, approved: before, isCordoned: true, claim: claimOf({ phase: 'upgrading' }) } },
    (cluster) => {
      cluster.put('configmaps', runRecord({}, { stage: 'prepared', stop: 'true' }));
      cluster.put('leases', leaseObject('laptop-1', new Date('2026-01-01T00:00:00Z')));
    },
  );

  expect(text).toMatchInlineSnapshot(`
    "managed; run r1: in progress (stage: prepared), a stop is requested

    NODE  INSTALLED        INSTALLER  RUN        SCHEDULING
    n1    3.24.0-aaaaaaaa  installed  upgrading  cordoned by the run

    n1: run r1 is in progress here: upgrading
      next: kata-lifecycle status --watch"
  `);
});

test('a node that a run has left is named, also when its record was deleted and the DaemonSet does not select it', async () => {
  const text = await statusOf({
    n1: {
      status: both,
      approved: before,
      isCordoned: true,
      claim: claimOf({ phase: 'verifying' }),
      labels: { kata: 'false' },
    },
    n2: { labels: { kata: 'false' } },
  });

  expect(text).toMatchInlineSnapshot(`
    "managed; no run yet

    NODE  INSTALLED        INSTALLER  RUN        SCHEDULING
    n1    3.24.0-aaaaaaaa  installed  verifying  cordoned by the run

    n1: run r1 has ended or was deleted and has left the node in the phase verifying
      next: kata-lifecycle rollback n1"
  `);
});

test('a node that is not Ready, one without a status, and one without Kata are explained', async () => {
  const text = await statusOf({
    n1: { status: serving, approved: target, isReady: false },
    n2: { status: null },
    n3: { status: { phase: 'held', reason: 'NotApproved', offered: target } },
  });

  expect(text).toMatchInlineSnapshot(`
    "managed; no run yet

    NODE  INSTALLED        INSTALLER  RUN  SCHEDULING
    n1    3.25.0-bbbbbbbb  installed  -    NotReady
    n2    -                -          -
    n3    -                held       -

    n1: the node is NotReady
      next: kubectl describe node n1
    n2: the installer has not reported a status
      next: kubectl --namespace kube-system get pods --field-selector spec.nodeName=n2
    n3: release 3.25.0-bbbbbbbb is offered and not approved; it has no release
      next: kata-lifecycle upgrade --to 3.25.0 --verification-pod FILE"
  `);
});
