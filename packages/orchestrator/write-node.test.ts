import { fleetNodeOf } from '@kata/kube/fleet';
import { type ScriptedAnswer, startScriptedApi } from '@kata/kube/testkit';
import { type Claim, formatClaim, type WriteStep } from '@kata/rollout';
import { expect, test } from 'vitest';
import { writeNode } from './write-node.ts';

const claimKey = 'katacontainers.io/kata-lifecycle-claim';
const lifted = { key: 'pool', effect: 'NoSchedule', value: 'kata' };

const claim: Claim = {
  run: 'r1',
  installation: '',
  epoch: 1,
  phase: 'cordoned',
  since: '2026-01-01T00:00:00.000Z',
  before: { approved: null, release: '3.24.0-aaaaaaaa', wasCordoned: false },
  target: '3.25.0-bbbbbbbb',
  podUid: null,
  attempt: 0,
  lifted: [],
  verifications: 0,
  retries: 0,
  isFromPayload: false,
  failure: null,
  failureBefore: null,
};

function nodeObject(changes: {
  readonly annotations?: object;
  readonly version?: string;
  readonly spec?: object;
}): object {
  return {
    metadata: {
      name: 'n1',
      uid: 'u1',
      resourceVersion: changes.version ?? '7',
      labels: {},
      annotations: { [claimKey]: formatClaim(claim), ...changes.annotations },
    },
    spec: changes.spec ?? { unschedulable: true, taints: [lifted] },
  };
}

const ok = (body: unknown): ScriptedAnswer => ({ status: 200, body });
const upgrading: Claim = { ...claim, phase: 'upgrading', lifted: [lifted] };
const step: WriteStep = { kind: 'write', claim: upgrading, approved: '3.25.0-bbbbbbbb', taints: [] };

test('one patch has everything, and tests the version of the node that the step was computed from', async () => {
  const before = nodeObject({});
  await using api = await startScriptedApi([ok(before), ok(nodeObject({ version: '8' }))]);

  const after = await writeNode(api.connect().api, fleetNodeOf(before), step, 'x');

  expect(after?.resourceVersion).toBe('8');
  expect(api.seen.map(({ method }) => method)).toEqual(['GET', 'PATCH']);
  expect(api.seen[1]?.body).toEqual([
    { op: 'test', path: '/metadata/uid', value: 'u1' },
    { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    { op: 'add', path: '/metadata/labels', value: {} },
    { op: 'add', path: '/metadata/labels/katacontainers.io~1kata-upgrade-status', value: 'upgrading' },
    {
      op: 'test',
      path: `/metadata/annotations/${claimKey.replace('/', '~1')}`,
      value: formatClaim(claim),
    },
    {
      op: 'replace',
      path: `/metadata/annotations/${claimKey.replace('/', '~1')}`,
      value: formatClaim(upgrading),
    },
    { op: 'add', path: '/metadata/annotations/katacontainers.io~1kata-upgrade-status', value: 'upgrading' },
    {
      op: 'add',
      path: '/metadata/annotations/katacontainers.io~1kata-lifecycle-manager-status',
      value: 'upgrading',
    },
    {
      op: 'add',
      path: '/metadata/annotations/katacontainers.io~1kata-approved-release-x',
      value: '3.25.0-bbbbbbbb',
    },
    { op: 'add', path: '/spec/taints', value: [] },
  ]);
});

test.each([
  ['another process has claimed it', nodeObject({ annotations: { [claimKey]: formatClaim(upgrading) } })],
  ['somebody has uncordoned it', nodeObject({ spec: { taints: [lifted] } })],
  ['it has another taint', nodeObject({ spec: { unschedulable: true, taints: [lifted, lifted] } })],
  [
    'somebody has approved a release',
    nodeObject({ annotations: { 'katacontainers.io/kata-approved-release': '3.24.0' } }),
  ],
])('nothing is written when %s meanwhile', async (_, now) => {
  await using api = await startScriptedApi([ok(now)]);

  const after = await writeNode(api.connect().api, fleetNodeOf(nodeObject({})), step, '');

  expect(after).toEqual(fleetNodeOf(now));
  expect(api.seen.map(({ method }) => method)).toEqual(['GET']);
});

const absent: ScriptedAnswer = { status: 404, body: { kind: 'Status', reason: 'NotFound' } };

test.each([
  ['before it is read', [absent]],
  ['before it is changed', [ok(nodeObject({})), absent]],
])('a node that is deleted %s is not an error', async (_, answers) => {
  await using api = await startScriptedApi(answers);

  expect(await writeNode(api.connect().api, fleetNodeOf(nodeObject({})), step, '')).toBeUndefined();
});

test('after a conflict the node is read again', async () => {
  const conflict: ScriptedAnswer = { status: 422, body: { kind: 'Status', reason: 'Invalid' } };
  const before = nodeObject({});
  const later = nodeObject({ version: '9' });
  await using api = await startScriptedApi([ok(before), conflict, ok(later), ok(later)]);

  await writeNode(api.connect().api, fleetNodeOf(before), { kind: 'write', claim, isCordoned: false }, '');

  expect(api.seen.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'GET', 'PATCH']);
  expect(api.seen[3]?.body).toContainEqual({ op: 'remove', path: '/spec/unschedulable' });
});
