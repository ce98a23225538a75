import { fleetNodeOf } from '@kata/kube/fleet';
import type { Claim } from '@kata/rollout';
import { claimOf } from '@kata/rollout/testkit';
import { expect, test } from 'vitest';
import { nodesLeft } from './nodes-left.ts';
import { nodeObject, planOf } from './testkit/fleet-objects.ts';

function node(name: string, claim?: Partial<Claim>): ReturnType<typeof fleetNodeOf> {
  const { metadata, ...rest } = nodeObject(name, claim === undefined ? {} : { claim: claimOf(claim) });
  return fleetNodeOf({ ...rest, metadata: { ...metadata, uid: `uid-${name}`, resourceVersion: '1' } });
}

const plan = planOf({
  nodes: ['n1', 'n2', 'n3', 'n4', 'n5'].map((name) => ({ name, uid: `uid-${name}` })),
});

test('nodes that were begun come first, and those that ended or are gone are left out', () => {
  const present = [
    node('n1'),
    node('n2', { phase: 'completed' }),
    node('n3', { phase: 'verifying' }),
    node('n5', { run: 'r0', phase: 'verifying' }),
  ];

  expect(nodesLeft(plan, present)).toEqual(['n3', 'n1', 'n5']);
});
