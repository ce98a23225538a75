import { defaultPolicy } from '@kata/rollout';
import { claimOf } from '@kata/rollout/testkit';
import { afterEach, expect, test } from 'vitest';
import { readRun } from './run-record.ts';
import type { FakeCluster } from './testkit/fake-cluster.ts';
import { boundPod, contextOf, nodeObject, releases, type TestContext } from './testkit/fleet-objects.ts';
import { openTestRun, type TestRun } from './testkit/open-test-run.ts';
import { endsOf, preparedNames, startPreparedFleet } from './testkit/prepared-fleet.ts';
import { type SimulatedCluster, simulateCluster } from './testkit/simulate-cluster.ts';

const { before, target } = releases;
const names = preparedNames;
let cluster: FakeCluster;
let simulated: SimulatedCluster;

async function start(passes: (node: string, release: string) => boolean): Promise<TestContext> {
  cluster = await startPreparedFleet();
  simulated = simulateCluster(cluster, { payload: target, passes });
  return contextOf(cluster);
}

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

const query = { name: '', labelSelector: 'kata=true', taintKey: '', taintValue: '' };

async function open(context: TestContext, policy = defaultPolicy): Promise<TestRun> {
  return await openTestRun(cluster, context, { names, policy, query });
}

function ends(some = names): readonly string[] {
  return endsOf(cluster, some);
}

test('every node is upgraded and verified', async () => {
  const context = await start(() => true);
  const { helm, run } = await open(context);

  expect(await run()).toBe('succeeded');
  expect(ends()).toEqual(names.map(() => `completed ${target} false`));
  expect(helm).toEqual(['upgrade']);
  expect((await readRun(context, 'r1')).state).toMatchObject({ stage: 'ended', outcome: 'succeeded' });
  expect(cluster.get('configmaps', 'kata-lifecycle', 'kube-system')?.['data']).toEqual({ accepted: target });
});

test('a pod that fails on the second node returns that node, and Helm; evidence is recorded', async () => {
  const context = await start((node, release) => node !== 'n2' || release === before);
  const { helm, run } = await open(context);

  expect(await run()).toBe('failed');
  expect(ends()).toEqual([
    `completed ${target} false`,
    `rolled-back ${before} false`,
    `untouched ${before} false`,
  ]);
  expect(helm).toEqual(['upgrade', 'restore']);
  const { evidence } = await readRun(context, 'r1');
  expect(Object.keys(evidence)).toEqual(['n2.1']);
  expect(evidence['n2.1']).toContain('ended with exit code 3');
  const shown = context.events.filter(({ kind }) => kind === 'node.evidence');
  expect(shown).toEqual([{ kind: 'node.evidence', node: 'n2', text: evidence['n2.1'] }]);
});

test('a release that another program returns during the run is not taken for the target', async () => {
  const context = await start(() => true);
  const react = cluster.react.bind(cluster);
  let isReturned = false;
  cluster.react = (change) => {
    react(change);
    if (isReturned || !ends()[0]?.startsWith('verifying')) return;
    isReturned = true;
    simulated.setPayload(before);
  };
  const { run } = await open(context);

  expect(await run()).toBe('failed');
  expect(ends()).toEqual([
    `completed ${target} false`,
    `failed ${before} false`,
    `untouched ${before} false`,
  ]);
  const moved = context.events.findLast(({ kind }) => kind === 'node.moved');
  expect(moved).toMatchObject({
    reason: `the installer offers release ${before}, but the run upgrades from version 3.24.0: another program has changed the Helm release`,
  });
});

test('a node that is deleted while it is changed does not end the run', async () => {
  const context = await start(() => true);
  const { run } = await open(context);
  const react = cluster.react.bind(cluster);
  cluster.react = (change) => {
    react(change);
    if (ends(['n1'])[0]?.startsWith('completed') && cluster.get('nodes', 'n2') !== undefined) {
      cluster.removeUnseen('nodes', 'n2');
    }
  };

  expect(await run()).toBe('succeeded');
  expect(ends(['n1', 'n3'])).toEqual(Array(2).fill(`completed ${target} false`));
});

test('a pod that fails on the earlier release, too, shows both', async () => {
  const context = await start((node) => node !== 'n1');
  const { run } = await open(context);

  expect(await run()).toBe('failed');
  expect(Object.keys((await readRun(context, 'r1')).evidence)).toEqual(['n1.1', 'n1.2']);
  const last = context.events.findLast(({ kind }) => kind === 'node.moved');
  const failed = 'the verification pod for node "n1" failed: container "verify" ended with exit code 3';
  const reason = `${failed}; on the earlier release, too: ${failed}`;
  expect(last).toEqual({ kind: 'node.moved', node: 'n1', phase: 'rolled-back', release: before, reason });
});

test('the evidence has the last Events of the pod, also those of its last moment', async () => {
  const context = await start((node) => node !== 'n1');
  const react = cluster.react.bind(cluster);
  cluster.react = (change) => {
    if (!change.path.includes('/namespaces/default/pods/')) return react(change);
    setTimeout(() => {
      const metadata = { name: `${change.object.metadata.name}-event`, namespace: 'default' };
      cluster.put('events', { metadata, reason: 'Killing', message: 'the virtual machine ended' });
      react(change);
    }, 300);
  };
  const { run } = await open(context);

  expect(await run()).toBe('failed');
  expect((await readRun(context, 'r1')).evidence['n1.1']).toContain('Killing (1 times)');
});

test('a process that takes the place of another while the pod is running does not report that it failed', async () => {
  const context = await start(() => true);
  const status = { current: target, offered: target, approved: target, podUid: 'n1-0' };
  const claim = claimOf({ run: 'r1', phase: 'verifying', target, verifications: 1 });
  cluster.put('nodes', nodeObject('n1', { status, approved: target, claim, isCordoned: true }));
  const pod = {
    metadata: {
      ...{ name: 'verify', namespace: 'default', creationTimestamp: new Date().toISOString() },
      labels: { 'katacontainers.io/kata-lifecycle-run': 'r1' },
      annotations: { 'katacontainers.io/kata-lifecycle-verification': 'n1/1' },
    },
    spec: { nodeName: 'n1' },
  };
  cluster.react = () => undefined;
  cluster.put('pods', { ...pod, status: { phase: 'Running' } });
  const { stages } = await open(context);
  await using watch = stages.openWatch();
  setTimeout(() => cluster.put('pods', { ...pod, status: { phase: 'Succeeded' } }), 500);

  const view = await stages.openDriver(watch).driveNode('n1', false);

  expect(view?.claim).toMatchObject({ phase: 'completed', epoch: claim.epoch + 1 });
  expect(context.events.filter(({ kind }) => kind === 'node.evidence')).toEqual([]);
});

test('a drain tells what it waits for, and a node that was not drained is as before', async () => {
  const context = await start(() => true);
  cluster.put('pods', boundPod('web', { node: 'n1', requests: {}, metadata: { uid: 'web' } }));
  cluster.refuseEviction = () => 'The disruption budget keep needs 1 healthy pods and has 1 currently';
  const { run } = await open(context, { ...defaultPolicy, drain: { timeoutMs: 2500 } });

  expect(await run()).toBe('failed');
  const left = 'shop/web (blocked by PodDisruptionBudget keep)';
  const told = context.events.flatMap((event) => (event.kind === 'node.waiting' ? event.what : []));
  expect(told).toEqual([`pods are still on the node: ${left}`]);
  expect(context.events.findLast(({ kind }) => kind === 'node.moved')).toEqual({
    ...{ kind: 'node.moved', node: 'n1', phase: 'failed', release: before },
    reason: `not drained within 2.5 s: ${left}`,
  });
  expect(ends()[0]).toBe(`failed ${before} false`);
});

test('nodes that the run leaves alone are named once, with the reason', async () => {
  const context = await start(() => true);
  const status = { current: target, offered: target, approved: target, podUid: 'n1-0' };
  const right = { status, approved: target, claim: claimOf({ run: 'r0' }) };
  cluster.put('nodes', nodeObject('n1', right));
  const held = { current: before, offered: target, approved: before, podUid: 'n2-0' };
  const claim = claimOf({ run: 'x1', installation: 'two', phase: 'upgrading' });
  cluster.put('nodes', nodeObject('n2', { status: held, approved: before, claim, isCordoned: true }));
  const { run } = await open(context);

  expect(await run()).toBe('succeeded');
  expect(context.events.filter(({ kind }) => kind === 'node.left-alone')).toEqual([
    {
      ...{ kind: 'node.left-alone', node: 'n1' },
      reason: `has release ${target}, which run r0 verified`,
    },
    { kind: 'node.left-alone', node: 'n2', reason: 'run x1 of another installation has not left it' },
  ]);
});

test('management that somebody ended during the run is there again at its end', async () => {
  const context = await start(() => true);
  const { run } = await open(context);
  const react = cluster.react.bind(cluster);
  let isEnded = false;
  cluster.react = (change) => {
    react(change);
    if (isEnded || !ends()[0]?.startsWith('completed')) return;
    isEnded = true;
    cluster.remove('configmaps', 'kata-lifecycle', 'kube-system');
  };

  expect(await run()).toBe('succeeded');
  expect(cluster.get('configmaps', 'kata-lifecycle', 'kube-system')?.['data']).toEqual({ accepted: target });
  expect(ends()).toEqual(names.map(() => `completed ${target} false`));
});

test('a pod that is still refused after Helm ends the run before any node is changed', async () => {
  const context = await start(() => true);
  cluster.refusePod = () => 'pod rejected: RuntimeClass "kata-qemu" not found';
  const { helm, run } = await open(context);

  await expect(run()).rejects.toMatchObject({ code: 'KATA_LIFECYCLE_POD_REFUSED' });
  expect(ends()).toEqual(names.map(() => `untouched ${before} false`));
  expect(helm).toEqual(['upgrade', 'restore']);
  expect((await readRun(context, 'r1')).state).toMatchObject({ stage: 'ended', outcome: 'failed' });
});

test('a pod that does not fit on one node ends the run before any node is changed', async () => {
  const context = await start(() => true);
  const n2 = cluster.get('nodes', 'n2');
  if (n2 === undefined) throw new Error('n2');
  cluster.put('nodes', {
    ...n2,
    status: { ...(n2['status'] as object), allocatable: { cpu: '1', pods: '1' } },
  });
  cluster.put('pods', boundPod('web', { node: 'n2', requests: {} }));
  const { helm, run } = await open(context);

  await expect(run()).rejects.toMatchObject({
    code: 'KATA_LIFECYCLE_NO_ROOM',
    message: 'the verification pod does not fit: node "n2": pods: 1 wanted, 0 free',
  });
  expect(ends()).toEqual(names.map(() => `untouched ${before} false`));
  expect(helm).toEqual(['upgrade', 'restore']);
});

test('the process of a node that is right already does not wait for the others', async () => {
  const context = await start(() => true);
  const { stages } = await open(context);
  const status = { current: target, offered: target, approved: target, podUid: 'n1-0' };
  const claim = claimOf({ run: 'r0' });
  cluster.put('nodes', nodeObject('n1', { status, approved: target, claim }));
  await using watch = stages.openWatch();

  const view = await stages.openDriver(watch).driveNode('n1', false);

  expect(view?.claim).toEqual(claim);
  expect(ends()[1]).toBe(`untouched ${before} false`);
});
