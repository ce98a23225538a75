import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { hasEnded, type PodObject } from '../pod-object.ts';
import { type ScriptedAnswer, startScriptedApi } from '../testkit/scripted-api.ts';
import { deletePod, readPodLog, waitForPod } from './pods.ts';

const name = { namespace: 'shop', name: 'check' };

const pod = (phase: string, resourceVersion = '5'): object => ({
  metadata: { ...name, uid: 'u1', resourceVersion },
  status: { phase },
});

const ok = (body: unknown): ScriptedAnswer => ({ status: 200, body });
const list = (...items: readonly object[]): ScriptedAnswer =>
  ok({ metadata: { resourceVersion: '5' }, items });
const event = (type: string, phase: string, version: string): object => ({
  type,
  object: pod(phase, version),
});

const conflict = (reason: string): ScriptedAnswer => ({
  status: 409,
  body: { kind: 'Status', status: 'Failure', message: 'Precondition failed', reason, code: 409 },
});
const another = ok({ metadata: { ...name, uid: 'u2', resourceVersion: '9' } });

test.each<[string, readonly ScriptedAnswer[], boolean]>([
  ['exists', [ok({})], true],
  ['is gone', [{ status: 404 }], false],
  ['has another uid', [conflict('Conflict'), another], false],
  ['has another uid, as a proxy answers', [{ status: 409 }, another], false],
  ['was replaced and is gone', [conflict('Conflict'), { status: 404 }], false],
  ['is changed concurrently', [conflict('Conflict'), ok(pod('Running')), ok({})], true],
])('a pod that %s is deleted only with the same uid', async (_, answers, wasThere) => {
  await using api = await startScriptedApi(answers);

  const options = { ...name, uid: 'u1', gracePeriodSeconds: 0 };
  expect(await deletePod(api.connect().api, options)).toBe(wasThere);

  expect(api.seen.slice(0, 1)).toMatchObject([
    {
      method: 'DELETE',
      path: '/api/v1/namespaces/shop/pods/check',
      body: { preconditions: { uid: 'u1' }, gracePeriodSeconds: 0 },
    },
  ]);
});

const toEnd = {
  ...name,
  toDo: 'to end',
  timeoutMs: 180_000,
  isDone: (one: PodObject | undefined) => one === undefined || hasEnded(one),
};

test.each<[string, readonly ScriptedAnswer[], string | undefined]>([
  ['has ended before', [list(pod('Succeeded'))], 'Succeeded'],
  [
    'ends while it is watched',
    [
      list(pod('Pending')),
      { status: 200, lines: [event('MODIFIED', 'Running', '6'), event('MODIFIED', 'Failed', '7')] },
    ],
    'Failed',
  ],
  [
    'is deleted while it is watched',
    [list(pod('Pending')), { status: 200, lines: [event('DELETED', 'Running', '6')] }],
    undefined,
  ],
  ['never existed', [list()], undefined],
])('a pod that %s is waited for', async (_, answers, phase) => {
  await using api = await startScriptedApi(answers);

  expect((await waitForPod(api.connect().api, toEnd))?.phase).toBe(phase);

  expect(api.seen.every(({ path }) => path.includes('fieldSelector=metadata.name%3Dcheck'))).toBe(true);
});

test('the error for a pod that does not end in time has its last state', async () => {
  const clock = new JumpingClock();
  await using api = await startScriptedApi(({ path }) => {
    if (!path.includes('watch=true')) return list(pod('Pending'));
    setTimeout(() => clock.jump(180_000), 20);
    return { status: 200, lines: [event('MODIFIED', 'Running', '6')], afterwards: 'silence' };
  });

  await expect(waitForPod(api.connect({ clock }).api, toEnd)).rejects.toMatchObject({
    code: 'KATA_KUBE_TIMEOUT',
    exitCode: 5,
    message: 'timed out after 180 s waiting for pod "shop/check" to end',
    details: { pod: { uid: 'u1', phase: 'Running' } },
  });
});

test('a signal ends the wait for a pod with its reason', async () => {
  const controller = new AbortController();
  const reason = new Error('stopped');
  await using api = await startScriptedApi(({ path }) => {
    if (!path.includes('watch=true')) return list(pod('Pending'));
    setImmediate(() => controller.abort(reason));
    return { status: 200, afterwards: 'silence' };
  });

  await expect(waitForPod(api.connect({ signal: controller.signal }).api, toEnd)).rejects.toBe(reason);
});

/** As the API server forwards it from kubelet. */
const badRequest = (message: string): ScriptedAnswer => ({
  status: 400,
  body: { kind: 'Status', status: 'Failure', message, reason: 'BadRequest', code: 400 },
});
const container = 'container "main" in pod "check"';

const readLog = { ...name, container: 'main', isPrevious: true, tailLines: 50, limitBytes: 65_536 };

test.each<[string, ScriptedAnswer, string | undefined]>([
  ['wrote', { status: 200, text: 'one\n{"two"\n' }, 'one\n{"two"\n'],
  ['wrote nothing', { status: 200, text: '' }, ''],
  ['has no status', badRequest(`${container} is not available`), undefined],
  ['is starting', badRequest(`${container} is waiting to start: ContainerCreating`), undefined],
  ['was not started', badRequest(`${container} is waiting to start - no logs yet`), undefined],
  ['ended before its container was created', badRequest(`${container} is terminated`), undefined],
  ['was not restarted', badRequest(`previous terminated ${container} not found`), undefined],
  ['is gone', { status: 404 }, undefined],
])('the log of a pod that %s', async (_, answer, text) => {
  await using api = await startScriptedApi([answer]);

  expect(await readPodLog(api.connect().api, readLog)).toBe(text);

  expect(api.seen[0]?.path).toBe(
    '/api/v1/namespaces/shop/pods/check/log?limitBytes=65536&container=main&previous=true&tailLines=50',
  );
});

test.each([
  'a container name must be specified for pod check, choose one of: [main other]',
  'container main is not valid for pod check',
])('a log request that is not valid is an error: %s', async (message) => {
  await using api = await startScriptedApi([badRequest(message)]);

  await expect(readPodLog(api.connect().api, readLog)).rejects.toMatchObject({
    code: 'KATA_KUBE_REFUSED',
    message: 'cannot read the log of pod "shop/check": the request is not valid (HTTP 400)',
    cause: { message },
  });
});
