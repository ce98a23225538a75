import { afterEach, expect, test, vi } from 'vitest';
import { formatRollback, rollBackNodes } from './roll-back-nodes.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { startFakeHelm } from './testkit/fake-helm.ts';
import {
  claimOf,
  contextOf,
  daemonSetObject,
  managedConfigMap,
  nodeObject,
  type NodeOptions,
  releases,
  runRecord,
  runSecret,
} from './testkit/fleet-objects.ts';
import { type Behaviour, type SimulatedCluster, simulateCluster } from './testkit/simulate-cluster.ts';

const { before, target } = releases;
const upgraded: NodeOptions = {
  status: { current: target, previous: before, offered: target, approved: target, podUid: 'old' },
  approved: target,
  claim: claimOf({ run: 'r1' }),
};
let cluster: FakeCluster;

let simulated: SimulatedCluster;

async function start(
  nodes: Readonly<Record<string, NodeOptions>>,
  passes = true,
  stores: Behaviour['stores'] = () => true,
): Promise<void> {
  cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  cluster.put('configmaps', managedConfigMap());
  for (const [name, options] of Object.entries(nodes)) cluster.put('nodes', nodeObject(name, options));
  cluster.put('configmaps', runRecord({ id: 'r1' }, { stage: 'ended', outcome: 'succeeded' }));
  cluster.put('secrets', runSecret('r1'));
  simulated = simulateCluster(cluster, { payload: target, passes: () => passes, stores });
}

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

function order(...nodes: readonly string[]): Parameters<typeof rollBackNodes>[1] {
  const helm = { program: 'helm-is-not-called', environment: {} };
  return { nodes, verification: undefined, batchSize: 1, isForced: false, helm };
}

function withoutRun(text: string): string {
  return text.replaceAll(/\d{8}t\d{6}-[0-9a-f]{4}/g, 'RUN');
}

test('a node returns to its release, is verified with the pod of the last run, and is uncordoned', async () => {
  await start({ n1: upgraded, n2: upgraded });

  const result = await rollBackNodes(contextOf(cluster), order('n1'));

  expect(withoutRun(formatRollback(result))).toBe(
    `run RUN: succeeded\nn1 is back on ${before}; your pod passes there`,
  );
  expect(cluster.get('nodes', 'n1')).toMatchObject({
    metadata: {
      annotations: {
        'katacontainers.io/kata-approved-release': before,
        'katacontainers.io/kata-upgrade-status': 'rolled-back',
        'katacontainers.io/kata-current-version': '3.24.0',
      },
    },
  });
  expect(cluster.get('nodes', 'n1')?.['spec']).toEqual({});
  expect(cluster.writes.filter((write) => write.includes('n2'))).toEqual([]);

  const writes = cluster.writes.length;
  const again = await rollBackNodes(contextOf(cluster), order('n1'));
  expect(withoutRun(formatRollback(again))).toBe(
    `n1 is on ${before} already, since run RUN; nothing was changed`,
  );
  expect(again).toMatchObject({ run: null, outcome: 'succeeded', helm: { kind: 'stays' } });
  expect(cluster.writes.length).toBe(writes);
});

test.each<[string, readonly string[], object]>([
  ['returns', ['3.24.0', '3.25.0', '3.24.0'], { kind: 'returned', revision: 3, version: '3.24.0' }],
  ['stays when another program has changed it', ['3.24.0', '3.25.0', '3.26.0'], { kind: 'changed' }],
])('when no node is left on the newer release, the Helm release %s', async (_, versions, expected) => {
  await start({ n1: upgraded, n2: { status: { current: before, offered: target }, approved: before } });
  const isChanged = versions.at(-1) === '3.26.0';
  await using helm = await startFakeHelm(isChanged ? versions : versions.slice(0, 2), '3.25.0');

  const result = await rollBackNodes(contextOf(cluster), { ...order('n1'), helm: helm.options });

  expect(result).toMatchObject({ outcome: 'succeeded', helm: expected });
  expect(await helm.versions()).toEqual(versions);
});

test.each([
  ['a process', undefined],
  ['a workflow', 'w1'],
])('%s heals a release that is damaged in the store from the payload', async (_, workflow) => {
  await start({ n1: upgraded, n2: upgraded }, true, () => false);
  await using helm = await startFakeHelm(['3.24.0', '3.25.0'], '3.25.0');

  const rollback = rollBackNodes(contextOf(cluster), { ...order('n1'), helm: helm.options, workflow });
  await vi.waitFor(async () => expect(await helm.versions()).toHaveLength(3), { timeout: 120_000 });
  simulated.setPayload(before);

  expect(await rollback).toMatchObject({
    outcome: 'succeeded',
    nodes: [{ phase: 'rolled-back', release: before }],
  });
  expect(cluster.get('nodes', 'n1')?.['spec']).toEqual({});
});

test('a node that lacks the release before an older run does not get the payload of a newer one', async () => {
  const oldest = '3.23.0-cccccccc';
  const older = { approved: oldest, release: oldest, wasCordoned: false };
  const claim = claimOf({ run: 'r0', before: older, target: before });
  const status = { current: before, previous: oldest, offered: target, approved: before, podUid: 'old' };
  await start({ n1: { status, approved: before, claim }, n2: upgraded }, true, () => false);
  const helmBefore = { name: 'kata-deploy', version: '3.23.0', appVersion: '3.23.0' };
  const chart = { chart: 'oci://registry.example/kata-deploy' };
  const r0 = { chart, version: '3.24.0', before: { revision: 1, chart: helmBefore } };
  const r1 = { ...r0, version: '3.25.0', before: { revision: 2, chart: { ...helmBefore, ...at('3.24.0') } } };
  const records = [
    runRecord({ id: 'r0', created: '2025-12-01T00:00:00Z', helm: r0 }, { stage: 'ended' }),
    runRecord({ id: 'r1', helm: r1 }, { stage: 'ended', outcome: 'succeeded' }),
  ];
  for (const record of records) cluster.put('configmaps', record);
  cluster.put('secrets', runSecret('r0'));
  await using helm = await startFakeHelm(['3.23.0', '3.24.0', '3.25.0'], '3.25.0');

  const rollback = rollBackNodes(contextOf(cluster), { ...order('n1'), helm: helm.options });
  await vi.waitFor(async () => expect(await helm.versions()).toHaveLength(4), { timeout: 120_000 });
  simulated.setPayload(oldest);

  expect((await helm.versions()).at(-1)).toBe('3.23.0');
  expect(await rollback).toMatchObject({ nodes: [{ phase: 'rolled-back', release: oldest }] });
});

function at(version: string): { readonly version: string; readonly appVersion: string } {
  return { version, appVersion: version };
}

test('an installer pod is replaced only when it gets the payload that Helm returned', async () => {
  await start({ n1: upgraded, n2: upgraded }, true, () => false);
  const daemonSet = daemonSetObject();
  cluster.put('daemonsets', { ...daemonSet, metadata: { ...daemonSet.metadata, generation: 2 } });
  await using helm = await startFakeHelm(['3.24.0', '3.25.0'], '3.25.0');
  const reads = (): number =>
    cluster.api.seen.filter(({ path }) => path.endsWith('/daemonsets/kata-deploy')).length;
  const deleted = (): number =>
    cluster.writes.filter((write) => write.startsWith('DELETE pods/kata-deploy')).length;

  const rollback = rollBackNodes(contextOf(cluster), { ...order('n1'), helm: helm.options });
  await vi.waitFor(async () => expect(await helm.versions()).toHaveLength(3), { timeout: 120_000 });
  const [readsBefore, deletedBefore] = [reads(), deleted()];
  await vi.waitFor(() => expect(reads()).toBeGreaterThan(readsBefore + 1), { timeout: 120_000 });
  expect(deleted()).toBe(deletedBefore);
  simulated.setPayload(before);
  const changed = cluster.get('daemonsets', 'kata-deploy', 'kube-system') ?? daemonSet;
  cluster.put('daemonsets', { ...changed, status: { observedGeneration: 2 } });

  expect(await rollback).toMatchObject({ outcome: 'succeeded' });
});

test('a pod that fails on the earlier release, too, fails the run; the node is back and uncordoned', async () => {
  await start({ n1: upgraded, n2: upgraded }, false);

  const result = await rollBackNodes(contextOf(cluster), order('n1'));

  expect(result).toMatchObject({ outcome: 'failed', nodes: [{ phase: 'rolled-back', release: before }] });
  expect(formatRollback(result)).toContain(`n1 is back on ${before}; your pod fails there: `);
  expect(cluster.get('nodes', 'n1')?.['spec']).toEqual({});
});

test.each<[string, NodeOptions, string, string]>([
  ['n9', {}, 'KATA_LIFECYCLE_NO_NODE', 'the cluster has no node "n9"'],
  [
    'n3',
    { status: { current: target } },
    'KATA_LIFECYCLE_NO_ROLLBACK',
    'node "n3" cannot be rolled back: it has no earlier release',
  ],
  [
    'n3',
    { ...upgraded, isReady: false },
    'KATA_LIFECYCLE_NO_ROLLBACK',
    'node "n3" cannot be rolled back: it is NotReady',
  ],
  [
    'n3',
    { ...upgraded, labels: { kata: 'false' } },
    'KATA_LIFECYCLE_NO_ROLLBACK',
    'node "n3" cannot be rolled back: the installer\'s DaemonSet does not select it',
  ],
])('%s is refused before any node is changed: %o', async (name, options, code, message) => {
  await start({ n1: upgraded, n3: options });

  await expect(rollBackNodes(contextOf(cluster), order('n1', name))).rejects.toMatchObject({ code, message });
  expect(cluster.writes).toEqual([]);
});

test('a run that has not ended is named', async () => {
  await start({ n1: upgraded });
  cluster.put('configmaps', runRecord({ id: 'r2', created: '2026-01-03T00:00:00Z' }, { stage: 'prepared' }));

  await expect(rollBackNodes(contextOf(cluster), order('n1'))).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_UNFINISHED',
    message: 'run r2 has not ended',
    hint: 'finish it: kata-lifecycle upgrade --to 3.25.0 --verification-pod FILE; or end it: kata-lifecycle stop r2',
  });
});
