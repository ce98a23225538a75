import { expect, test } from 'vitest';
import { type ScriptedAnswer, startScriptedApi } from '../testkit/scripted-api.ts';
import { evictPod, type EvictionOutcome } from './evict-pod.ts';

const pod = { namespace: 'shop', name: 'web', uid: 'u1' };

/** As from kube-apiserver 1.36. */
const refusal = (code: number, message: string, causes: readonly object[] = []): ScriptedAnswer => ({
  status: code,
  body: { kind: 'Status', status: 'Failure', message, reason: 'TooManyRequests', details: { causes }, code },
});
const violated = refusal(429, "Cannot evict pod as it would violate the pod's disruption budget.", [
  {
    reason: 'DisruptionBudget',
    message: 'The disruption budget web needs 2 healthy pods and has 2 currently',
  },
]);
const processed = refusal(429, "Cannot evict pod as it would violate the pod's disruption budget.", [
  {
    reason: 'DisruptionBudget',
    message: 'The disruption budget web is still being processed by the server.',
  },
]);
const ambiguous =
  'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
const done: ScriptedAnswer = { status: 201, body: { kind: 'Status', status: 'Success' } };
const named = (uid: string): ScriptedAnswer => ({
  status: 200,
  body: { metadata: { namespace: 'shop', name: 'web', uid } },
});

test.each<[string, readonly ScriptedAnswer[], EvictionOutcome]>([
  ['can be evicted', [done], { kind: 'evicted' }],
  ['does not exist', [{ status: 404 }], { kind: 'gone' }],
  ['has another uid', [{ status: 409 }, named('u2')], { kind: 'gone' }],
  ['has changed, and then can be evicted', [{ status: 409 }, named('u1'), done], { kind: 'evicted' }],
  [
    'would violate a budget',
    [violated, named('u1')],
    {
      kind: 'blocked',
      budget: 'web',
      message: 'The disruption budget web needs 2 healthy pods and has 2 currently',
    },
  ],
  [
    'has a new budget',
    [processed, named('u1')],
    {
      kind: 'blocked',
      budget: 'web',
      message: 'The disruption budget web is still being processed by the server.',
    },
  ],
  [
    'has two budgets',
    [refusal(500, ambiguous), named('u1')],
    { kind: 'blocked', budget: undefined, message: ambiguous },
  ],
  ['has been replaced by one with a budget', [violated, named('u2')], { kind: 'gone' }],
  ['has been replaced by one with two budgets', [refusal(500, ambiguous), named('u2')], { kind: 'gone' }],
  ['has gone since a budget blocked it', [violated, { status: 404 }], { kind: 'gone' }],
  [
    'can be evicted when the API server is less loaded',
    [refusal(429, 'too many requests'), done],
    { kind: 'evicted' },
  ],
  [
    'can be evicted when the API server answers again',
    [{ status: 500 }, { status: 0 }, done],
    { kind: 'evicted' },
  ],
])('a pod that %s', async (_, answers, outcome) => {
  await using api = await startScriptedApi(answers);

  expect(await evictPod(api.connect().api, pod)).toEqual(outcome);

  expect(api.seen.length).toBe(answers.length);
});

test('the eviction has the uid of the pod and the grace period of the caller', async () => {
  await using api = await startScriptedApi([done]);

  await evictPod(api.connect().api, { ...pod, gracePeriodSeconds: 30 });

  expect(api.seen).toMatchObject([
    {
      method: 'POST',
      path: '/api/v1/namespaces/shop/pods/web/eviction',
      body: {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { namespace: 'shop', name: 'web' },
        deleteOptions: { preconditions: { uid: 'u1' }, gracePeriodSeconds: 30 },
      },
    },
  ]);
});

test('a forbidden eviction is an error', async () => {
  await using api = await startScriptedApi([{ status: 403 }]);

  await expect(evictPod(api.connect().api, pod)).rejects.toMatchObject({
    code: 'KATA_KUBE_FORBIDDEN',
    message: expect.stringMatching(/^cannot evict pod "shop\/web"/),
  });
});
