import type { PodObject } from '@kata/kube';
import { expect, test } from 'vitest';
import { startScriptedApi } from '@kata/kube/testkit';
import { evictAll, isEvictable } from './drain.ts';

const pod: PodObject = {
  namespace: 'default',
  name: 'web',
  uid: 'u1',
  created: '2026-01-01T00:00:00Z',
  labels: {},
  annotations: {},
  nodeName: 'n1',
  runtimeClass: undefined,
  nodeSelector: {},
  controller: { kind: 'ReplicaSet', name: 'web', uid: 'u2' },
  beingDeleted: false,
  phase: 'Running',
  reason: '',
  message: '',
  conditions: [],
  containers: [],
};

test.each<[string, Partial<PodObject>, boolean]>([
  ['a pod of a Deployment', {}, true],
  ['a pod without a controller', { controller: undefined }, true],
  ['a pod that is terminating, until it is gone', { beingDeleted: true }, true],
  ['a pod of a DaemonSet', { controller: { kind: 'DaemonSet', name: 'cni', uid: 'u3' } }, false],
  ['a static pod', { annotations: { 'kubernetes.io/config.mirror': 'x' } }, false],
  ['a pod that has ended', { phase: 'Succeeded' }, false],
  ['a verification pod', { labels: { 'katacontainers.io/kata-lifecycle-run': 'r1' } }, false],
  ['a step of the workflow of the run', { controller: workflow('w1') }, false],
  ['a step of another workflow', { controller: workflow('w2') }, true],
])('%s: evicted %s', (_, changes, isEvicted) => {
  expect(isEvictable({ ...pod, ...changes }, 'w1')).toBe(isEvicted);
});

function workflow(uid: string): PodObject['controller'] {
  return { kind: 'Workflow', name: `of-${uid}`, uid };
}

test.each<[string, number, string]>([
  [
    'its namespace is terminating',
    403,
    'pods "web" is forbidden: unable to create new content in namespace shop because it is being terminated',
  ],
  ['a webhook denies it', 403, 'admission webhook "virt.example" denied the request: it is migrated first'],
  ['a webhook defers it', 429, 'admission webhook "virt.example" denied the request: evacuation was started'],
  ['the API server cannot do it', 500, 'failed calling webhook "virt.example": no endpoints available'],
])('a pod that cannot be evicted now, because %s, does not end the drain', async (_, code, message) => {
  await using api = await startScriptedApi(({ path }) =>
    path.includes('/db/')
      ? { status: code, body: { kind: 'Status', status: 'Failure', message, code } }
      : { status: 201, body: { kind: 'Status', status: 'Success' } },
  );

  const blocked = await evictAll(api.connect().api, [{ ...pod, namespace: 'db' }, pod]);

  expect([...blocked]).toEqual([['db/web', message]]);
  expect(api.seen.at(-1)?.path).toBe('/api/v1/namespaces/default/pods/web/eviction');
});

test('without the right to evict pods, the drain ends', async () => {
  const message = 'pods "web" is forbidden: User "x" cannot create resource "pods/eviction" in API group ""';
  await using api = await startScriptedApi([
    { status: 403, body: { kind: 'Status', status: 'Failure', message, code: 403 } },
  ]);

  await expect(evictAll(api.connect().api, [pod])).rejects.toMatchObject({ code: 'KATA_KUBE_FORBIDDEN' });
});
