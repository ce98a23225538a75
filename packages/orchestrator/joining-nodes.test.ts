/** Nodes that an autoscaler adds during a run. */
import { defaultPolicy } from '@kata/rollout';
import { afterEach, expect, test } from 'vitest';
import { readRun } from './run-record.ts';
import { addNodesWhen } from './testkit/add-nodes.ts';
import type { FakeCluster } from './testkit/fake-cluster.ts';
import { contextOf, releases, type TestContext } from './testkit/fleet-objects.ts';
import { openTestRun, type TestRun } from './testkit/open-test-run.ts';
import { endsOf, preparedNames as names, startPreparedFleet } from './testkit/prepared-fleet.ts';
import { simulateCluster } from './testkit/simulate-cluster.ts';

const { target } = releases;
const query = { name: '', labelSelector: 'kata=true', taintKey: '', taintValue: '' };
let cluster: FakeCluster;

async function start(passes: (node: string) => boolean): Promise<TestContext> {
  cluster = await startPreparedFleet();
  simulateCluster(cluster, { payload: target, passes });
  return contextOf(cluster);
}

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

const open = async (context: TestContext): Promise<TestRun> =>
  await openTestRun(cluster, context, { names, policy: defaultPolicy, query });
const ends = (some: readonly string[] = names): readonly string[] => endsOf(cluster, some);
const isFirstDone = (): boolean => ends()[0]?.startsWith('completed') === true;

const fresh = { status: {} };

test('a node that joins during the run is upgraded and verified at its end, when it matches', async () => {
  const context = await start(() => true);
  addNodesWhen(cluster, isFirstDone, { n4: fresh, n5: { ...fresh, labels: { kata: 'other' } } });
  const { run } = await open(context);

  expect(await run()).toBe('succeeded');
  expect(ends(['n4', 'n5'])).toEqual([`completed ${target} false`, 'untouched  false']);
  expect((await readRun(context, 'r1')).plan.nodes.map(({ name }) => name)).toEqual([...names, 'n4']);
  expect(context.events.filter(({ kind }) => kind === 'node.joined')).toEqual([
    { kind: 'node.joined', node: 'n4' },
  ]);
});

test('a node that joins and on which the pod fails fails the run, and stays cordoned without Kata', async () => {
  const context = await start((node) => node !== 'n4');
  addNodesWhen(cluster, isFirstDone, { n4: fresh });
  const { helm, run } = await open(context);

  expect(await run()).toBe('failed');
  expect(ends([...names, 'n4'])).toEqual([
    ...names.map(() => `completed ${target} false`),
    `failed ${target} true`,
  ]);
  expect(helm).toEqual(['upgrade', 'restore']);
});

test('a node that joins and is not ready yet is named and left alone', async () => {
  const context = await start(() => true);
  addNodesWhen(cluster, isFirstDone, { n4: { ...fresh, isReady: false } });
  const { run } = await open(context);

  expect(await run()).toBe('succeeded');
  expect(ends(['n4'])).toEqual(['untouched  false']);
  expect(context.events).toContainEqual({ kind: 'node.left-alone', node: 'n4', reason: 'is NotReady' });
});

test('a node that joins and has no room is left alone, and the run is good', async () => {
  const context = await start(() => true);
  addNodesWhen(cluster, isFirstDone, { n4: { ...fresh, allocatable: { pods: '0' } } });
  const { run } = await open(context);

  expect(await run()).toBe('succeeded');
  expect(ends(['n4'])).toEqual(['untouched  false']);
  expect(context.events.find(({ kind }) => kind === 'node.left-alone')).toEqual({
    kind: 'node.left-alone',
    node: 'n4',
    reason: 'the verification pod does not fit: node "n4": pods: 1 wanted, 0 free',
  });
});
