import { expect, test } from 'vitest';
import { next } from './next.ts';
import { defaultPolicy } from './policy.ts';
import { SimulatedNode, sound } from './testkit/simulated-node.ts';
import { claimOf, releases } from './testkit/claim-of.ts';
import { prepare } from './testkit/simulate-run.ts';

test('a pod that a killed process left on a node that is right does not take the place of the next node', () => {
  const [n1, n2] = ['n1', 'n2'].map((name) => new SimulatedNode(name, releases.before, sound));
  if (n1 === undefined || n2 === undefined) throw new Error('no nodes');
  prepare({ nodes: [n1, n2], target: releases.target });
  n1.claim = claimOf();
  n1.verification = { number: 1, beingDeleted: false, verdict: { kind: 'passed', message: '' } };
  const now = new Date('2026-01-01T00:00:00Z');

  const { nodes } = next(
    [n1, n2].map((node) => node.view(false, now)),
    {
      ...{ run: 'r1', intent: 'upgrade', installation: '', policy: defaultPolicy, now },
      ...{ isPayloadBack: false, isStopped: false, versionBefore: null, tolerates: () => true },
    },
  );

  expect(nodes.map(({ node, step }) => [node, step.kind])).toEqual([
    ['n1', 'delete-verification-pod'],
    ['n2', 'write'],
  ]);
});
