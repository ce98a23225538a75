import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { readFleetFacts } from './fleet-facts.ts';
import { isTargetAbandoned } from './return-helm.ts';
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
const back: NodeOptions = {
  status: { current: before, offered: target },
  claim: claimOf({ run: 'r2', phase: 'rolled-back' }),
};
const on: NodeOptions = { status: { current: target, offered: target }, claim: claimOf() };

test.each<[string, Readonly<Record<string, NodeOptions>>, boolean]>([
  ['all nodes were rolled back', { n1: back, n2: back }, true],
  [
    'one of them was never upgraded',
    { n1: back, n2: { status: { current: before, offered: target } } },
    true,
  ],
  ['a node is left on it', { n1: back, n2: on }, false],
  [
    'the payload is the earlier one again',
    { n1: { ...back, status: { current: before, offered: before } } },
    false,
  ],
  ['the run rolled back by itself', { n1: { ...back, claim: claimOf({ phase: 'rolled-back' }) } }, false],
  ['no node was rolled back', { n1: { status: { current: before, offered: target } } }, false],
])('when %s', async (_, nodes, isAbandoned) => {
  await using cluster = await FakeCluster.start();
  cluster.put('daemonsets', daemonSetObject());
  for (const [name, options] of Object.entries(nodes)) cluster.put('nodes', nodeObject(name, options));
  cluster.put('configmaps', runRecord({ id: 'r1' }, { stage: 'ended' }));
  cluster.put('configmaps', runRecord({ id: 'r2', intent: 'roll-back', helm: null }, { stage: 'ended' }));

  expect(isTargetAbandoned(await readFleetFacts(contextOf(cluster, new JumpingClock())))).toBe(isAbandoned);
});
