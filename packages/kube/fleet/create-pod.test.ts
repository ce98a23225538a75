import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { type ScriptedAnswer, startScriptedApi } from '../testkit/scripted-api.ts';
import { createPod } from './create-pod.ts';

const name = { namespace: 'shop', name: 'check' };
const identity = { annotation: 'example.org/attempt', value: 'a1' };
const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: name, spec: { containers: [] } };

const pod = (metadata: object): object => ({ metadata: { ...name, uid: 'u1', ...metadata } });
const ours = { annotations: { 'example.org/attempt': 'a1' } };
const existing = (metadata: object): ScriptedAnswer => ({ status: 200, body: pod(metadata) });
const created: ScriptedAnswer = { status: 201, body: pod(ours) };

const refusal = (reason: string, message: string): ScriptedAnswer => ({
  status: 409,
  body: { kind: 'Status', status: 'Failure', message, reason, code: 409 },
});
const exists = refusal('AlreadyExists', 'pods "check" already exists');
const beingDeleted = refusal('AlreadyExists', 'object is being deleted: pods "check" already exists');
const quotaConflict = refusal(
  'Conflict',
  'Operation cannot be fulfilled on resourcequotas "pods": the object has been modified',
);

const post = 'POST /api/v1/namespaces/shop/pods';
const get = 'GET /api/v1/namespaces/shop/pods/check';

test('a pod is created from the manifest of the caller, with the annotation that identifies it', async () => {
  await using api = await startScriptedApi([created]);
  const metadata = { ...name, annotations: { other: 'x' } };

  expect(await createPod(api.connect().api, { ...manifest, metadata }, identity)).toMatchObject({
    ...name,
    uid: 'u1',
  });

  const annotations = { other: 'x', 'example.org/attempt': 'a1' };
  expect(api.seen.map(({ body }) => body)).toEqual([{ ...manifest, metadata: { ...name, annotations } }]);
});

test.each<[string, readonly ScriptedAnswer[], readonly string[]]>([
  ['a lost answer does not create a second pod', [{ status: 0 }, exists, existing(ours)], [post, post, get]],
  ['a 409 without a reason does not create a second pod', [{ status: 409 }, existing(ours)], [post, get]],
  ['a conflict on a ResourceQuota creates the pod', [quotaConflict, created], [post, post]],
  ['the existing pod has gone creates the pod', [beingDeleted, { status: 404 }, created], [post, get, post]],
])('a retry after %s', async (_, answers, requests) => {
  await using api = await startScriptedApi(answers);

  expect(await createPod(api.connect().api, manifest, identity)).toMatchObject({ uid: 'u1' });

  expect(api.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(requests);
});

test.each<[string, ScriptedAnswer, object, string]>([
  ['of another caller', exists, {}, 'another pod of this name exists'],
  [
    'of another attempt',
    exists,
    { annotations: { 'example.org/attempt': 'a0' } },
    'another pod of this name exists',
  ],
  [
    'that is being deleted',
    beingDeleted,
    { ...ours, deletionTimestamp: '2026-01-01T00:00:00Z' },
    'the existing pod is being deleted',
  ],
])('an existing pod %s is an error', async (_, refused, metadata, reason) => {
  await using api = await startScriptedApi([refused, existing(metadata)]);

  await expect(createPod(api.connect().api, manifest, identity)).rejects.toMatchObject({
    code: 'KATA_KUBE_POD_EXISTS',
    exitCode: 4,
    message: `cannot create pod "shop/check": ${reason}`,
    hint: 'to see the existing pod: kubectl get pod check --namespace shop -o yaml',
    details: { uid: 'u1' },
  });
  expect(api.seen.length).toBe(2);
});

test('a conflict on a ResourceQuota that persists is an error', async () => {
  await using api = await startScriptedApi([quotaConflict]);
  const clock = new JumpingClock();

  await expect(createPod(api.connect({ clock }).api, manifest, identity)).rejects.toMatchObject({
    code: 'KATA_KUBE_CONFLICT',
    exitCode: 75,
    cause: { message: expect.stringContaining('resourcequotas') },
  });
});
