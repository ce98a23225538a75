import { expect, test } from 'vitest';
import { asProgress } from './events.ts';
import { openRun } from './open-run.ts';
import { openRelease } from './release-control.ts';
import { parseParameters } from './run-parameters.ts';
import { listRuns } from './list-runs.ts';
import type { RunRecord } from './run-record.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { type FakeHelm, startFakeHelm } from './testkit/fake-helm.ts';
import {
  contextOf,
  daemonSetObject,
  nodeObject,
  planOf,
  releases,
  runRecord,
  runSecret,
  type TestContext,
  verificationPod,
} from './testkit/fleet-objects.ts';

const first = {
  'target-version': '3.25.0',
  'node-selector': 'kata',
  'verification-pod': verificationPod,
};

async function start(helm: FakeHelm, stage?: string): Promise<FakeCluster> {
  const cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  const status = { current: releases.before, offered: releases.before };
  for (const name of ['n1', 'n2']) cluster.put('nodes', nodeObject(name, { status }));
  if (stage === undefined) return cluster;
  const { query, policy, verification } = parseParameters(first);
  const planned = planOf().helm;
  if (planned === null) throw new Error('an upgrade');
  const plan = planOf({
    query,
    verification,
    policy: { ...planOf().policy, ...policy },
    nodes: [{ name: 'n1', uid: cluster.get('nodes', 'n1')?.metadata.uid ?? '' }],
    helm: { ...planned, chart: { chart: helm.chart } },
  });
  cluster.put('configmaps', runRecord(plan, { stage }));
  cluster.put('secrets', runSecret('r1'));
  return cluster;
}

async function open(
  context: TestContext,
  helm: FakeHelm,
  changes: Readonly<Record<string, string>> = {},
): Promise<RunRecord> {
  const order = {
    ...parseParameters({ ...first, ...changes }),
    ...{ chart: { chart: helm.chart }, directory: '/', helm: helm.options },
  };
  await using release = await openRelease(context, order.helm);
  return await openRun(context, release, order);
}

const changed = {
  'node-selector': 'kata=true',
  'batch-size': '2',
  'drain-enabled': 'true',
  'verification-pod': verificationPod.replace('busybox', 'alpine'),
  'verification-timeout': '60s',
  'helm-set-values': 'token=secret',
};

test('a run that has changed nothing is planned anew, with what is given now', async () => {
  await using helm = await startFakeHelm(['3.24.0'], '3.25.0');
  await using cluster = await start(helm, 'planned');
  const context = contextOf(cluster);

  const { plan, state } = await open(context, helm, { 'batch-size': '2' });

  expect(plan).toMatchObject({ id: 'r1', policy: { batchSize: 2 }, nodes: [{ name: 'n1' }, { name: 'n2' }] });
  expect(state.stage).toBe('planned');
  expect((await listRuns(context)).runs).toHaveLength(1);
  expect(context.events.map(({ kind }) => kind)).toEqual(['run.started']);
});

test('a run that has changed nothing, towards another version, is planned anew, too', async () => {
  await using helm = await startFakeHelm(['3.24.0'], '3.26.0');
  await using cluster = await start(helm, 'planned');

  const { plan } = await open(contextOf(cluster), helm, { 'target-version': '3.26.0' });

  expect(plan).toMatchObject({ id: 'r1', helm: { version: '3.26.0' } });
});

test('a run that has changed nothing, and matches no node now, has ended', async () => {
  await using helm = await startFakeHelm(['3.24.0'], '3.25.0');
  await using cluster = await start(helm, 'planned');
  const context = contextOf(cluster);

  await open(context, helm, { 'node-selector': 'kata=none' });

  expect((await listRuns(context)).runs.map(({ state }) => state.stage)).toEqual(['ended']);
});

test('later, the recorded parameters count, and those that differ are named, but no secret', async () => {
  await using helm = await startFakeHelm(['3.24.0'], '3.25.0');
  await using cluster = await start(helm, 'managed');
  const context = contextOf(cluster);

  const { plan } = await open(context, helm, changed);

  expect(plan).toMatchObject({ policy: { batchSize: 1, drain: null }, nodes: [{ name: 'n1' }] });
  const told = context.events.map(asProgress);
  expect(told).toEqual([
    { kind: 'note', message: 'resumed run r1: 1 node' },
    {
      kind: 'note',
      message:
        'run r1 goes on with its recorded parameters, not with those given now: node-selector: kata, not kata=true; batch-size: 1, not 2; drain-enabled: false, not true; drain-timeout: (none), not 300s; verification-pod; verification-timeout: 180s, not 60s; helm-set-values (to use these, end it: kata-lifecycle stop r1)',
    },
  ]);
  expect(cluster.writes).toEqual([]);
});

test('a run that is resumed with its own parameters says nothing about them', async () => {
  await using helm = await startFakeHelm(['3.24.0'], '3.25.0');
  await using cluster = await start(helm, 'prepared');
  const context = contextOf(cluster);

  await open(context, helm);

  expect(context.events.map(({ kind }) => kind)).toEqual(['run.started']);
});

test('a run towards another version that has begun is refused', async () => {
  await using helm = await startFakeHelm(['3.24.0'], '3.26.0');
  await using cluster = await start(helm, 'managed');

  await expect(open(contextOf(cluster), helm, { 'target-version': '3.26.0' })).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_UNFINISHED',
  });
});
