import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCordonedByRun } from './cordon.ts';
import { rollbackScopes } from './policy.ts';
import { claimOf } from './testkit/claim-of.ts';
import { prepare, type Simulation, type SimulationEnd, simulateRun } from './testkit/simulate-run.ts';
import { type Behaviour, SimulatedNode, sound } from './testkit/simulated-node.ts';

const before = '3.24.0-aaaaaaaa';
const target = '3.25.0-bbbbbbbb';

function fleet(behaviours: readonly Partial<Behaviour>[]): readonly SimulatedNode[] {
  return behaviours.map((one, index) => new SimulatedNode(`n${index}`, before, { ...sound, ...one }));
}

function run(nodes: readonly SimulatedNode[], options: Partial<Simulation> = {}): SimulationEnd {
  const simulation = { run: 'r1', nodes, policy: {}, before, target, choose: () => 0.4, kills: 0 };
  prepare(simulation);
  return simulateRun({ ...simulation, ...options });
}

function endOf({ claim, current, isCordoned, taints, verification }: SimulatedNode): string {
  expect(verification).toBeUndefined();
  const state = [current ?? 'without', isCordoned ? 'cordoned' : '', ...taints.map(({ key }) => key)];
  return [claim?.phase ?? 'untouched', ...state].filter((part) => part !== '').join(' ');
}

describe('a run', () => {
  test('upgrades every node and uncordons it', () => {
    const nodes = fleet([{}, {}, {}]);

    expect(run(nodes)).toMatchObject({ outcome: 'succeeded', mostActive: 1, helmRollbacks: 0 });
    expect(nodes.map(endOf)).toEqual(Array(3).fill(`completed ${target}`));
    expect(nodes.map((node) => node.currentVersion)).toEqual(Array(3).fill('3.25.0'));
  });

  test('on which the pod fails on the second node rolls that back, keeps the first and does not start the third', () => {
    const nodes = fleet([{}, { failing: [target] }, {}]);

    expect(run(nodes)).toMatchObject({ outcome: 'failed', helmRollbacks: 1 });
    expect(nodes.map(endOf)).toEqual([`completed ${target}`, `rolled-back ${before}`, `untouched ${before}`]);
    expect(nodes[1]?.claim?.failure).toEqual({ reason: 'exit-1', message: 'the pod exits with 1' });
  });

  test.each([
    ['the pod fails on both releases', { failing: [before, target] }, `rolled-back ${before}`],
    ['the new release cannot be installed', { uninstallable: [target] }, `rolled-back ${before}`],
    [
      'the earlier release is damaged in the store',
      { failing: [target], damaged: [before] },
      `rolled-back ${before}`,
    ],
    [
      'the earlier release is damaged in store and payload',
      { failing: [target], damaged: [before], uninstallable: [before] },
      `failed ${target} cordoned`,
    ],
    ['an administrator has cordoned it', { isCordoned: true }, `completed ${target} cordoned`],
    [
      'a taint keeps the installer away',
      { taints: [{ key: 'foreign', effect: 'NoSchedule' }] },
      `completed ${target} foreign`,
    ],
    [
      'it is rolled back under such a taint',
      { failing: [target], taints: [{ key: 'foreign', effect: 'NoSchedule' }] },
      `rolled-back ${before} foreign`,
    ],
  ])('ends as it should when %s', (_, behaviour, end) => {
    const nodes = fleet([behaviour]);

    run(nodes);

    expect(nodes.map(endOf)).toEqual([end]);
  });

  test('of a node that cannot be drained uncordons it, with the old release', () => {
    const nodes = fleet([{ stuckPods: ['db/pg-0'] }]);

    expect(run(nodes, { policy: { drain: { timeoutMs: 300_000 } } }).outcome).toBe('failed');
    expect(nodes.map(endOf)).toEqual([`failed ${before}`]);
    expect(nodes[0]?.approvals).toEqual([]);
    expect(nodes[0]?.claim?.failure?.message).toBe('not drained within 300 s: db/pg-0');
  });

  test('ends where the kubelet of a node dies during the verification, and its pods terminate for ever', () => {
    const nodes = fleet([{ diesVerifying: true }, {}]);

    expect(run(nodes).outcome).toBe('failed');
    expect(nodes[0]?.verification?.beingDeleted).toBe(true);
    expect(nodes[0]?.claim?.phase).toBe('failed');
    expect(nodes[0]?.isCordoned).toBe(true);
    expect(nodes[1]?.claim).toBeUndefined();
  });

  test('with scope "run" also rolls back the nodes that were verified; with "none" it rolls back none', () => {
    const [all, none] = [fleet([{}, { failing: [target] }]), fleet([{}, { failing: [target] }])];

    run(all, { policy: { rollbackScope: 'run' } });
    run(none, { policy: { rollbackScope: 'none' } });

    expect(all.map(endOf)).toEqual(Array(2).fill(`rolled-back ${before}`));
    expect(none.map(endOf)).toEqual([`completed ${target}`, `failed ${target} cordoned`]);
  });

  test('installs on a node without Kata; without an earlier release, a verified one stays, and a failed one stays cordoned', () => {
    const nodes = fleet([{ isNew: true }, {}, { isNew: true, failing: [target] }, { isNew: true }]);

    expect(run(nodes, { policy: { rollbackScope: 'run' } }).outcome).toBe('failed');
    expect(nodes.map(endOf)).toEqual([
      `completed ${target}`,
      `rolled-back ${before}`,
      `failed ${target} cordoned`,
      'untouched without',
    ]);
  });

  test('does not change a node that an earlier run has verified', () => {
    const nodes = fleet([{}, {}]);
    run(nodes);
    const approvals = nodes.map((node) => node.approvals.length);

    expect(simulateAgain(nodes)).toBe('succeeded');
    expect(nodes.map((node) => node.claim?.run)).toEqual(['r1', 'r1']);
    expect(nodes.map((node) => node.approvals.length)).toEqual(approvals);
  });

  test('of a user who rolls back returns the nodes to their earlier release, the second time without effect', () => {
    const nodes = fleet([{}, { failing: [before] }]);
    run(nodes);

    expect(simulateAgain(nodes, { run: 'r2', intent: 'roll-back' })).toBe('failed');
    expect(nodes.map(endOf)).toEqual(Array(2).fill(`rolled-back ${before}`));
    expect(nodes.map(({ claim }) => claim?.failureBefore?.reason)).toEqual([undefined, 'exit-1']);
    const approvals = nodes.map((node) => node.approvals.length);
    expect(simulateAgain(nodes, { run: 'r3', intent: 'roll-back' })).toBe('succeeded');
    expect(nodes.map((node) => node.approvals.length)).toEqual(approvals);
  });

  test('of a user who rolls back also returns a node that failed, and uncordons it', () => {
    const nodes = fleet([{ failing: [target] }]);
    run(nodes, { policy: { rollbackScope: 'none' } });
    expect(nodes.map(endOf)).toEqual([`failed ${target} cordoned`]);

    expect(simulateAgain(nodes, { run: 'r2', intent: 'roll-back' })).toBe('succeeded');
    expect(nodes.map(endOf)).toEqual([`rolled-back ${before}`]);
  });

  test('of a user who rolls back needs Helm only where the store cannot serve the earlier release', () => {
    const nodes = fleet([{}, { damaged: [before] }, { failing: [before] }]);
    run(nodes);

    const end = simulateRun({
      ...{ run: 'r2', intent: 'roll-back', nodes, policy: { batchSize: 3 }, before, target },
      ...{ choose: () => 0.4, kills: 0 },
    });
    expect(end).toMatchObject({ outcome: 'failed', helmRollbacks: 1 });
    expect(nodes.map(endOf)).toEqual(Array(3).fill(`rolled-back ${before}`));
    expect(nodes.map(({ claim }) => claim?.isFromPayload)).toEqual([false, true, false]);
    const others = fleet([{}, { failing: [before] }]);
    run(others);
    const without = simulateRun({
      ...{ run: 'r2', intent: 'roll-back', nodes: others, policy: {}, before, target },
      ...{ choose: () => 0.4, kills: 0 },
    });
    expect(without).toMatchObject({ outcome: 'failed', helmRollbacks: 0 });
  });

  test('leaves the cordon of an administrator on a node that could not be drained before', () => {
    const nodes = fleet([{}]);
    const [node] = nodes;
    const failure = { reason: 'drain', message: 'not drained' };
    if (node !== undefined) {
      Object.assign(node, { isCordoned: true, claim: claimOf({ run: 'r0', phase: 'failed', failure }) });
    }

    run(nodes);
    expect(nodes.map(endOf)).toEqual([`completed ${target} cordoned`]);
  });

  test.each([
    ['cannot be drained now', [], `failed ${target} cordoned`],
    ['is given up because of another node', [target], `failed ${target} cordoned`],
  ])(
    'keeps a node cordoned that an earlier run left on a release that fails, and that %s',
    (_, failing, end) => {
      const [left] = fleet([{ failing: [target], stuckPods: ['db/pg-0'] }]);
      const [other] = fleet([{ failing }]).map(({ behaviour: was }) => new SimulatedNode('n1', before, was));
      if (left === undefined || other === undefined) throw new Error('no nodes');
      run([left], { policy: { rollbackScope: 'none' } });
      expect(endOf(left)).toBe(end);
      prepare({ nodes: [other], target });

      const policy = { batchSize: 2, rollbackScope: 'run', drain: { timeoutMs: 300_000 } } as const;
      simulateAgain([left, other], { policy });

      expect(endOf(left)).toBe(end);
      expect(isCordonedByRun(left, left.claim)).toBe(true);
      expect(left.claim?.before.release).toBe(before);
      simulateAgain([left], { run: 'r3', intent: 'roll-back' });
      expect(endOf(left)).toBe(`rolled-back ${before}`);
    },
  );

  test('that is stopped starts no further node', () => {
    const nodes = fleet([{}, {}]);
    const isStopped = (): boolean => nodes[0]?.claim !== undefined;

    expect(run(nodes, { isStopped }).outcome).toBe('stopped');
    expect(nodes.map(endOf)).toEqual([`completed ${target}`, `untouched ${before}`]);
  });
});

function simulateAgain(nodes: readonly SimulatedNode[], options: Partial<Simulation> = {}): string {
  const simulation = { run: 'r2', nodes, policy: {}, before, target, choose: () => 0.4, kills: 0 };
  return simulateRun({ ...simulation, ...options }).outcome;
}

const releases = fc.subarray([before, target]);
const behaviour: fc.Arbitrary<Behaviour> = fc.record({
  uninstallable: releases,
  damaged: fc.subarray([before]),
  failing: releases,
  stuckPods: fc.constantFrom<readonly string[]>([], [], ['db/pg-0']),
  taints: fc.subarray([
    { key: 'foreign', effect: 'NoSchedule', value: 'x' },
    { key: 'foreign', effect: 'NoExecute' },
    { key: 'ours', effect: 'NoSchedule' },
    { key: 'foreign.soft', effect: 'PreferNoSchedule' },
  ]),
  isCordoned: fc.boolean(),
  isNew: fc.constantFrom(false, false, true),
  isDead: fc.constantFrom(false, false, false, true),
  diesVerifying: fc.constantFrom(false, false, false, true),
});

const policies = fc
  .record({
    batchSize: fc.integer({ min: 1, max: 4 }),
    rollbackScope: fc.constantFrom(...rollbackScopes),
    drains: fc.boolean(),
  })
  .map(({ drains, ...policy }) => ({ ...policy, drain: drains ? { timeoutMs: 60_000 } : null }));

test('every run ends, and leaves each node as it may be left, wherever it is killed', () => {
  fc.assert(
    fc.property(
      fc.array(behaviour, { minLength: 1, maxLength: 6 }),
      policies,
      fc.constantFrom(0, 0.1, 0.3),
      fc.integer(),
      (behaviours, policy, kills, seed) => {
        const nodes = fleet(behaviours);
        const look = (): void => {
          for (const node of nodes) expectKnownCordon(node);
        };
        const end = run(nodes, { policy, kills, choose: randomNumbers(seed), look });
        look();
        expect(end.mostActive).toBeLessThanOrEqual(policy.batchSize);
        for (const node of nodes) expectSoundEnd(node);
        const all = nodes.map(({ claim }) => claim?.phase);
        expect(end.outcome === 'succeeded').toBe(all.every((phase) => phase === 'completed'));
      },
    ),
  );
});

/** Whoever looks at the node alone can tell who cordoned it. */
function expectKnownCordon(node: SimulatedNode): void {
  const { isCordoned, behaviour: was, claim } = node;
  expect(isCordonedByRun(node, claim)).toBe(isCordoned && !was.isCordoned);
}

function expectSoundEnd(node: SimulatedNode): void {
  const { claim, behaviour: was, current, approvals } = node;
  const phase = claim?.phase;
  expect([undefined, 'completed', 'rolled-back', 'failed']).toContain(phase);
  expect(new Set(node.taints)).toEqual(new Set(was.taints));
  if (phase !== 'failed') expect(node.isCordoned).toBe(was.isCordoned);
  else if (was.isCordoned) expect(node.isCordoned).toBe(true);
  for (const approved of approvals) expect([before, target]).toContain(approved);
  if (phase === 'completed') {
    expect(current).toBe(target);
    expect(was.failing).not.toContain(target);
  }
  if (phase === 'rolled-back' || phase === undefined) expect(current).toBe(was.isNew ? undefined : before);
  if (phase === undefined) expect(approvals).toEqual([]);
}

/** From 0 to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
