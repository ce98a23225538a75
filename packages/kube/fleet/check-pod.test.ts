import { expect, test } from 'vitest';
import { type ScriptedAnswer, startScriptedApi } from '../testkit/scripted-api.ts';
import { checkPod } from './check-pod.ts';

const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'check' } };

const failure = (code: number, message: string): ScriptedAnswer => ({
  status: code,
  body: { kind: 'Status', status: 'Failure', message, reason: 'Forbidden', code },
});

test('a pod is checked by a dry run with its whole manifest', async () => {
  const body = { ...manifest, spec: { overhead: { cpu: '250m' }, priority: 5 } };
  await using api = await startScriptedApi([{ status: 201, body }]);

  expect(await checkPod(api.connect().api, manifest)).toEqual({
    kind: 'accepted',
    needs: { requests: { cpu: 250_000_000n }, priority: 5, preempts: true },
  });
  expect(api.seen.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
    { method: 'POST', path: '/api/v1/namespaces/shop/pods?dryRun=All', body: manifest },
  ]);
});

test.each([
  [403, 'pods "check" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=5, limited: pods=5'],
  [403, 'pods "check" is forbidden: pod rejected: RuntimeClass "kata-qemu" not found'],
  [404, 'namespaces "shop" not found'],
  [422, 'Pod "check" is invalid: spec.containers[0].image: Required value'],
  [400, 'admission webhook "policy.example.org" denied the request: no'],
])('HTTP %d is a refusal: %s', async (code, message) => {
  await using api = await startScriptedApi([failure(code, message)]);

  expect(await checkPod(api.connect().api, manifest)).toEqual({ kind: 'refused', message });
});

test('a webhook that does not support dry runs refuses nothing', async () => {
  const message = 'admission webhook "policy.example.org" does not support dry run';
  await using api = await startScriptedApi([failure(400, message)]);

  expect(await checkPod(api.connect().api, manifest)).toEqual({ kind: 'unknown', message });
});

test('a pod of this name was accepted before', async () => {
  const body = { kind: 'Status', message: 'pods "check" already exists', reason: 'AlreadyExists', code: 409 };
  await using api = await startScriptedApi([{ status: 409, body }]);

  expect(await checkPod(api.connect().api, manifest)).toMatchObject({ kind: 'accepted' });
});

test('a 409 without a reason means that there is a pod of this name; a conflict is tried again', async () => {
  await using nameless = await startScriptedApi([{ status: 409 }]);
  const body = { kind: 'Status', message: 'the quota was modified', reason: 'Conflict', code: 409 };
  await using conflict = await startScriptedApi([
    { status: 409, body },
    { status: 201, body: manifest },
  ]);

  expect(await checkPod(nameless.connect().api, manifest)).toMatchObject({ kind: 'accepted' });
  expect(await checkPod(conflict.connect().api, manifest)).toMatchObject({ kind: 'accepted' });
  expect(conflict.seen).toHaveLength(2);
});

test('without the right to create pods the error is about the account', async () => {
  const message =
    'pods is forbidden: User "ci" cannot create resource "pods" in API group "" in the namespace "shop"';
  await using api = await startScriptedApi([failure(403, message)]);

  await expect(checkPod(api.connect().api, manifest)).rejects.toMatchObject({
    code: 'KATA_KUBE_FORBIDDEN',
    hint: 'hint of FORBIDDEN',
  });
});

test('an overloaded server is queried again', async () => {
  await using api = await startScriptedApi([failure(429, 'wait'), { status: 201, body: manifest }]);

  expect(await checkPod(api.connect().api, manifest)).toMatchObject({ kind: 'accepted' });
});
