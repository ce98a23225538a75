import { lifecycleRunLabel, verificationAnnotation } from '@kata/kata';
import { defaultPolicy, type Policy } from '@kata/rollout';
import { afterEach, expect, test } from 'vitest';
import { createRun, moveRun, readRun } from './run-record.ts';
import { stepFinish, stepJoin, stepNode, stepSettle } from './run-steps.ts';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { startFakeHelm } from './testkit/fake-helm.ts';
import {
  contextOf,
  daemonSetObject,
  managedConfigMap,
  nodeObject,
  planOf,
  releases,
  type TestContext,
} from './testkit/fleet-objects.ts';
import { type Behaviour, type SimulatedCluster, simulateCluster } from './testkit/simulate-cluster.ts';

const { before, target } = releases;
const step = { run: 'r1', workflow: 'w1' };
const query = { name: '', labelSelector: 'kata=true', taintKey: '', taintValue: '' };
let cluster: FakeCluster;
let simulated: SimulatedCluster;

/** A prepared run over n1 and n2. */
async function start(
  passes: Behaviour['passes'],
  stores?: Behaviour['stores'],
  policy: Partial<Policy> = {},
): Promise<TestContext> {
  cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  cluster.put('configmaps', managedConfigMap());
  for (const name of ['n1', 'n2']) {
    const status = { current: before, offered: target, approved: before, podUid: `${name}-0` };
    cluster.put('nodes', nodeObject(name, { status, approved: before }));
  }
  simulated = simulateCluster(cluster, { payload: target, passes, ...(stores && { stores }) });
  const context = contextOf(cluster);
  const nodes = ['n1', 'n2'].map((name) => ({ name, uid: cluster.get('nodes', name)?.metadata.uid ?? '' }));
  await createRun(context, planOf({ nodes, query, policy: { ...defaultPolicy, ...policy } }), {
    setValues: '',
    before: {},
  });
  await moveRun(context, 'r1', 'prepared');
  return context;
}

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

function phaseOf(name: string): string | undefined {
  const annotations = cluster.get('nodes', name)?.metadata['annotations'];
  return (annotations as Readonly<Record<string, string>>)['katacontainers.io/kata-upgrade-status'];
}

async function doNodes(context: TestContext, ...names: readonly string[]): Promise<readonly number[]> {
  return await Promise.all(names.map(async (node) => await stepNode(context, { ...step, node })));
}

test('a node that joined meanwhile is written as a wave, and its step upgrades it', async () => {
  const context = await start(() => true);
  await doNodes(context, 'n1', 'n2');
  cluster.put('nodes', nodeObject('n3', { status: {} }));

  expect(await stepJoin(context, step)).toEqual([['n3']]);
  expect((await readRun(context, 'r1')).plan.nodes.map(({ name }) => name)).toEqual(['n1', 'n2', 'n3']);
  expect(await doNodes(context, 'n3')).toEqual([0]);
  expect(await stepFinish(context, step)).toBe(0);
  expect(phaseOf('n3')).toBe('completed');
  expect((await readRun(context, 'r1')).state).toMatchObject({ stage: 'ended', outcome: 'succeeded' });
});

test('the step of a node starts nothing in a run that another process has ended', async () => {
  const context = await start(() => true);
  await doNodes(context, 'n1');
  await moveRun(context, 'r1', 'ended', 'failed');

  expect(await doNodes(context, 'n1', 'n2')).toEqual([0, 6]);
  expect(phaseOf('n2')).toBeUndefined();
});

test('a pod that a killed step left on a node at its end is deleted, and the run ends', async () => {
  const context = await start(() => true);
  await doNodes(context, 'n1', 'n2');
  cluster.put('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name: 'kata-verify-n1', namespace: 'default', uid: 'left', labels: { [lifecycleRunLabel]: 'r1' } },
      annotations: { [verificationAnnotation]: 'n1/1' },
    },
    spec: { nodeName: 'n1', containers: [] },
    status: { phase: 'Succeeded' },
  });

  expect(await stepFinish(context, step)).toBe(0);
  expect(cluster.get('pods', 'kata-verify-n1')).toBeUndefined();
});

test('the step of a node that was deleted meanwhile does not wait for nodes of later waves', async () => {
  const context = await start(() => true);
  cluster.remove('nodes', 'n1');

  expect(await doNodes(context, 'n1')).toEqual([0]);
  expect(context.events).toContainEqual({
    ...{ kind: 'node.left-alone', node: 'n1' },
    reason: 'was deleted, or replaced under its name, after the run was planned',
  });
  expect(phaseOf('n2')).toBeUndefined();
  expect(await doNodes(context, 'n2')).toEqual([0]);
});

test.each([
  ['a node failed', () => false, ['n1', 'n2']],
  ['a node is left', () => true, ['n1']],
])('no node joins when %s', async (_, passes, names) => {
  const context = await start(passes);
  await doNodes(context, ...names);
  cluster.put('nodes', nodeObject('n3', { status: {} }));

  expect(await stepJoin(context, step)).toEqual([]);
  expect(phaseOf('n3')).toBeUndefined();
});

test.each([
  ['is healed from the payload', before, 'rolled-back', 0],
  ['and in the payload stays cordoned, and is named', '3.24.0-dddddddd', 'failed', 7],
])('a node whose earlier release is damaged in the store %s', async (_, payload, phase, exitCode) => {
  const context = await start(
    (__, release) => release === before,
    () => false,
  );
  await using helm = await startFakeHelm(['3.24.0', '3.25.0'], '3.25.0');

  expect(await doNodes(context, 'n1')).toEqual([7]);
  expect(phaseOf('n1')).toBe('rolling-back');
  expect(await stepSettle(context, { ...step, helm: helm.options })).toEqual(['n1']);
  expect(await helm.versions()).toEqual(['3.24.0', '3.25.0', '3.24.0']);
  simulated.setPayload(payload);
  expect(await doNodes(context, 'n1')).toEqual([exitCode]);
  expect(phaseOf('n1')).toBe(phase);
  expect(await stepFinish(context, step)).toBe(7);
  expect(phaseOf('n2')).toBeUndefined();
  expect(cluster.get('nodes', 'n1')?.['spec']).toEqual(exitCode === 0 ? {} : { unschedulable: true });
});

test('with scope run, a verified node that had no Kata before is not repaired, and stays', async () => {
  const context = await start((node) => node !== 'n4', undefined, { rollbackScope: 'run' });
  await using helm = await startFakeHelm(['3.24.0', '3.25.0'], '3.25.0');
  await doNodes(context, 'n1', 'n2');
  for (const name of ['n3', 'n4']) cluster.put('nodes', nodeObject(name, { status: {} }));
  await stepJoin(context, step);
  await doNodes(context, 'n3', 'n4');

  const left = await stepSettle(context, { ...step, helm: helm.options });

  expect(left).toEqual(['n1', 'n2']);
  expect(['n3', 'n4'].map(phaseOf)).toEqual(['completed', 'failed']);
});
