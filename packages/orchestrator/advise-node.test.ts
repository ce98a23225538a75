import type { NodeStatus } from '@kata/node';
import { type Claim, isCordonedByRun, type Phase, phases } from '@kata/rollout';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { adviseNode } from './advise-node.ts';
import type { RunRecord } from './run-record.ts';
import type { RunSituation } from './run-situation.ts';
import { claimOf, planOf, releases, statusOf } from './testkit/fleet-objects.ts';

const installation = { namespace: 'kata', release: 'blue', daemonSet: 'kata-deploy', suffix: '' };
const release = fc.constantFrom<string | undefined>(releases.before, releases.target, undefined);

const failure = fc.constantFrom<Claim['failure']>(
  null,
  { reason: 'drain', message: 'not drained' },
  { reason: 'exit-1', message: 'the pod exits with 1' },
);

const claim: fc.Arbitrary<Claim> = fc
  .record({
    phase: fc.constantFrom(...(Object.keys(phases) as Phase[])),
    failure,
    failureBefore: failure,
    before: fc.record({
      approved: fc.constant(null),
      release: release.map((one) => one ?? null),
      wasCordoned: fc.boolean(),
    }),
    target: release.map((one) => one ?? null),
  })
  .map(claimOf);

const status: fc.Arbitrary<NodeStatus> = fc
  .record({
    phase: fc.constantFrom('installed', 'held', 'failed', 'cleanup-pending'),
    current: release,
    previous: release,
    offered: release,
  })
  .map(({ phase, ...found }) => statusOf({ phase, ...withoutUndefined(found) }));

function withoutUndefined(found: Readonly<Record<string, string | undefined>>): Partial<NodeStatus> {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

const record = fc
  .constantFrom<'upgrade' | 'roll-back' | undefined>('upgrade', 'roll-back', undefined)
  .map((intent): RunRecord | undefined => {
    if (intent === undefined) return undefined;
    const plan = planOf({ intent, ...(intent === 'upgrade' ? {} : { helm: null }) });
    const state = { stage: 'prepared', outcome: undefined, isStopRequested: false } as const;
    return { plan, state, evidence: {} };
  });

test('a node that a run has cordoned always has a reason and a next command', () => {
  fc.assert(
    fc.property(
      fc.option(claim, { nil: undefined }),
      fc.option(status, { nil: undefined }),
      record,
      fc.constantFrom<RunSituation>('running', 'interrupted', 'ended', 'unknown'),
      fc.boolean(),
      (found, reported, run, situation, isReady) => {
        const node = { name: 'n1', isReady, isCordoned: true };
        const isOurs = isCordonedByRun(node, found);
        const advice = adviseNode({
          ...{ node, installation, status: reported, approved: undefined, claim: found },
          ...{ isCordonedByRun: isOurs, record: run, situation },
        });
        // Also that of an administrator is explained.
        expect(advice.why).toBeTruthy();
        if (!isOurs) return;
        expect(advice.next).toMatch(
          /^kata-lifecycle (upgrade|rollback|status) .*--release blue --namespace kata$/,
        );
      },
    ),
    { numRuns: 2000 },
  );
});

const { before, target } = releases;
const newer = '3.26.0-cccccccc';
const rolledBack = claimOf({
  ...{ phase: 'rolled-back', target, before: { approved: before, release: before, wasCordoned: false } },
  failure: { reason: 'exit-1', message: 'the pod exits with 1' },
});
const options = '--release blue --namespace kata';

test.each<[string, Partial<NodeStatus>, Claim | undefined, string, string]>([
  [
    'an offer that waits',
    { offered: target },
    undefined,
    `release ${target} is offered and not approved; it stays on ${before}`,
    `kata-lifecycle upgrade --to 3.25.0 --verification-pod FILE ${options}`,
  ],
  [
    'the failure of a run, while its release is still offered',
    { offered: target },
    rolledBack,
    'the pod exits with 1',
    `kata-lifecycle upgrade --to 3.25.0 --verification-pod FILE ${options}`,
  ],
  [
    'an offer that came after a failure',
    { offered: newer },
    rolledBack,
    `release ${newer} is offered and not approved; it stays on ${before}`,
    `kata-lifecycle upgrade --to 3.26.0 --verification-pod FILE ${options}`,
  ],
  [
    'an administrator who holds the node',
    { phase: 'held', reason: 'HeldByAdministrator', offered: target },
    undefined,
    `an administrator holds it on ${before}; release ${target} is offered`,
    'kata-deploy resume   # on n1',
  ],
])('%s is said', (_, found, held, why, next) => {
  const node = { name: 'n1', isReady: true, isCordoned: false };
  const advice = adviseNode({
    ...{ node, installation, status: statusOf({ current: before, ...found }), approved: before, claim: held },
    ...{ isCordonedByRun: false, record: undefined, situation: 'unknown' },
  });

  expect(advice).toEqual({ why, next });
});
