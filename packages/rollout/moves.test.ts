import { expect, test } from 'vitest';
import { leave, restart } from './moves.ts';
import type { NodeView, Terms } from './node-view.ts';
import { defaultPolicy } from './policy.ts';
import { claimOf } from './testkit/claim-of.ts';

const terms: Terms = {
  ...{ run: 'r1', installation: '', policy: defaultPolicy, now: new Date('2026-01-01T00:00:00Z') },
  ...{ direction: 'forward', isPayloadBack: false, versionBefore: null },
  tolerates: () => false,
};

function viewOf(taints: NodeView['taints']): NodeView {
  return {
    ...{ name: 'n1', isCordoned: true, taints, claim: undefined, isOurs: true, approved: undefined },
    ...{ status: undefined, installerPod: undefined, verification: undefined, evictable: [] },
  };
}

test('a taint that a controller adds again, and that is removed again, is restored once, as it was last', () => {
  const [old, again] = ['a', 'b'].map((value) => ({ key: 'pool', value, effect: 'NoSchedule' }));
  if (old === undefined || again === undefined) throw new Error('no taints');
  const other = { key: 'pool', value: 'a', effect: 'NoExecute' };
  const first = restart(viewOf([old, other]), claimOf({ lifted: [] }), { phase: 'upgrading', terms });
  const second = restart(viewOf([again]), first.claim, { phase: 'rolling-back', terms });

  expect(first).toMatchObject({ taints: [], claim: { lifted: [old, other] } });
  expect(second).toMatchObject({ taints: [], claim: { lifted: [other, again] } });
  expect(leave(viewOf([]), second.claim, 'rolled-back', terms).taints).toEqual([other, again]);
});
