import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { type ScriptedAnswer, type SeenRequest, startScriptedApi } from './testkit/scripted-api.ts';

const node = {
  metadata: { name: 'n1', uid: 'u1', resourceVersion: '7' },
};
const found: ScriptedAnswer = { status: 200, body: node };
const silence: ScriptedAnswer = { status: 200, afterwards: 'silence' };

test.each([
  [401, 'KATA_KUBE_UNAUTHORIZED', 3, 'the credentials are not valid (HTTP 401)'],
  [403, 'KATA_KUBE_FORBIDDEN', 3, 'forbidden (HTTP 403)'],
  [404, 'KATA_KUBE_NOT_FOUND', 3, 'not found (HTTP 404)'],
  [400, 'KATA_KUBE_REFUSED', 1, 'the request is not valid (HTTP 400)'],
])('%i is final: one request, %s, exit code %i', async (status, code, exitCode, text) => {
  await using api = await startScriptedApi([{ status }]);

  await expect(api.connect().readNode('n1')).rejects.toMatchObject({
    code,
    exitCode,
    message: `cannot read node "n1": ${text}`,
    hint: `hint of ${code.slice('KATA_KUBE_'.length)}`,
    details: { attempts: 1, status },
    cause: { message: `scripted ${status}` },
  });
  expect(api.seen.length).toBe(1);
});

test.each([
  [409, 'KATA_KUBE_CONFLICT'],
  [410, 'KATA_KUBE_CONFLICT'],
  [429, 'KATA_KUBE_OVERLOADED'],
  [500, 'KATA_KUBE_SERVER'],
  [503, 'KATA_KUBE_SERVER'],
])('%i is tried again until the deadline, then %s with exit code 75', async (status, code) => {
  await using api = await startScriptedApi([{ status }]);
  const clock = new JumpingClock();

  await expect(api.connect({ clock }).readNode('n1')).rejects.toMatchObject({
    code,
    exitCode: 75,
    hint: `hint of ${code.slice('KATA_KUBE_'.length)}`,
    details: { status },
  });
  expect(api.seen.length).toBe(clock.slept.length + 1);
  expect(clock.monotonicMs()).toBeGreaterThan(60_000 - 10_000);
  expect(clock.monotonicMs()).toBeLessThan(60_000);
});

test('the pause between two attempts doubles, up to eight seconds, with a jitter of a quarter', async () => {
  await using api = await startScriptedApi([{ status: 500 }]);
  const clock = new JumpingClock();

  await expect(api.connect({ clock }).readNode('n1')).rejects.toMatchObject({ exitCode: 75 });

  const expected = [250, 500, 1000, 2000, 4000, 8000, 8000];
  expect(expected.map((ms, i) => Math.abs((clock.slept[i] ?? 0) / ms - 1) <= 0.25)).toEqual(
    expected.map(() => true),
  );
});

test.each<[string, ScriptedAnswer]>([
  ['a conflict', { status: 409 }],
  ['an expired page of a list', { status: 410 }],
  ['overload', { status: 429 }],
  ['a server error', { status: 500 }],
  ['a cut connection', { status: 0 }],
  ['a cut answer', { status: 200, lines: ['{'], afterwards: 'cut' }],
  ['an answer that is not JSON', { status: 200, text: '<html>' }],
])('after %s the request is sent again', async (_, answer) => {
  await using api = await startScriptedApi([answer, answer, found]);

  expect((await api.connect().readNode('n1')).uid).toBe('u1');
  expect(api.seen.length).toBe(3);
});

test('after a timeout the request is sent again', async () => {
  const clock = new JumpingClock();
  let count = 0;
  await using api = await startScriptedApi(() => {
    count += 1;
    if (count > 2) return found;
    clock.jump(10_000);
    return silence;
  });

  expect((await api.connect({ clock }).readNode('n1')).uid).toBe('u1');
});

test('a header Retry-After lengthens the pause', async () => {
  await using api = await startScriptedApi([{ status: 429, headers: { 'Retry-After': '7' } }, found]);
  const clock = new JumpingClock();

  await api.connect({ clock }).readNode('n1');

  expect(clock.slept).toEqual([7000]);
});

test('a header Retry-After does not shorten the pause', async () => {
  await using api = await startScriptedApi([{ status: 429, headers: { 'Retry-After': '0' } }, found]);
  const clock = new JumpingClock();

  await api.connect({ clock }).readNode('n1');

  expect(clock.monotonicMs()).toBeGreaterThan(100);
});

test('a pause that would end after the deadline is not begun', async () => {
  await using api = await startScriptedApi([{ status: 429, headers: { 'Retry-After': '60' } }]);
  const clock = new JumpingClock();

  await expect(api.connect({ clock }).readNode('n1')).rejects.toMatchObject({
    exitCode: 75,
    details: { attempts: 1, status: 429 },
  });
  expect(clock.slept).toEqual([]);
});

test('attempts with `untilMs` continue beyond the usual deadline', async () => {
  await using api = await startScriptedApi([{ status: 503 }]);
  const clock = new JumpingClock();

  await expect(api.connect({ clock, limits: { untilMs: 600_000 } }).readNode('n1')).rejects.toMatchObject({
    exitCode: 75,
  });

  expect(clock.monotonicMs()).toBeGreaterThan(580_000);
});

test('the error for a server that never answers comes in time, with its URL and the cause', async () => {
  const clock = new JumpingClock();
  await using api = await startScriptedApi(() => {
    clock.jump(10_000);
    return silence;
  });

  await expect(api.connect({ clock }).readNode('n1')).rejects.toMatchObject({
    code: 'KATA_KUBE_UNREACHABLE',
    exitCode: 75,
    message: expect.stringMatching(
      /^cannot read node "n1": the API server http:\/\/127\.0\.0\.1:\d+ did not answer after \d attempts$/,
    ),
    cause: { message: 'it did not answer within 10.0 s' },
  });
});

test('a refused connection means unreachable', async () => {
  const api = await startScriptedApi([]);
  await api[Symbol.asyncDispose]();

  await expect(api.connect().readNode('n1')).rejects.toMatchObject({
    code: 'KATA_KUBE_UNREACHABLE',
    exitCode: 75,
  });
});

test('issue 12.21: after a 404 that does not come from the Kubernetes API the request is sent again', async () => {
  const page = { status: 404, text: 'default backend - 404' };
  const metadata = { name: 'kata-deploy', namespace: 'kata', uid: 'd1', resourceVersion: '1' };
  const daemonSet = { status: 200, body: { metadata, spec: { template: { spec: {} } } } };
  await using api = await startScriptedApi([page, daemonSet]);
  await using proxy = await startScriptedApi([page]);

  expect(await api.connect().readDaemonSet('kata', 'kata-deploy')).toMatchObject({ name: 'kata-deploy' });
  const away = proxy.connect();
  await expect(away.readDaemonSet('kata', 'kata-deploy')).rejects.toMatchObject({
    code: 'KATA_KUBE_UNREACHABLE',
    exitCode: 75,
  });
  await expect(away.readConfigMap('kata', 'kata-lifecycle')).rejects.toMatchObject({ exitCode: 75 });
  await expect(away.readNode('n1')).rejects.toMatchObject({ exitCode: 75 });
});

test('requests have user agent and credentials', async () => {
  await using api = await startScriptedApi([found]);

  await api.connect().readNode('n1');

  expect(api.seen[0]?.headers).toMatchObject({
    'user-agent': 'scripted',
    authorization: 'Bearer scripted',
  });
});

test.each<[string, (request: SeenRequest, stop: () => void) => ScriptedAnswer]>([
  [
    'a request',
    (_, stop) => {
      stop();
      return silence;
    },
  ],
  [
    'the pause after an attempt',
    (_, stop) => {
      setImmediate(stop);
      return { status: 503, headers: { 'Retry-After': '50' } };
    },
  ],
])('a signal ends %s with its reason, and no further request is sent', async (_, script) => {
  const controller = new AbortController();
  const reason = new Error('stopped');
  await using api = await startScriptedApi((request) => script(request, () => controller.abort(reason)));
  const cluster = api.connect();

  await expect(cluster.with({ signal: controller.signal }).readNode('n1')).rejects.toBe(reason);
  await expect(cluster.with({ signal: controller.signal }).readNode('n1')).rejects.toBe(reason);

  expect(api.seen.length).toBe(1);
});

test('either of two signals ends a request', async () => {
  await using api = await startScriptedApi([found]);
  const [outer, inner] = [AbortSignal.abort(new Error('outer')), new AbortController().signal];

  for (const [first, second] of [
    [outer, inner],
    [inner, outer],
  ]) {
    const cluster = api.connect({ signal: first }).with({ signal: second });
    await expect(cluster.readNode('n1')).rejects.toThrow('outer');
  }
});

test('what must hold is checked before each attempt to write, and before no read', async () => {
  await using api = await startScriptedApi([found, { status: 0 }, found, { status: 201, body: node }]);
  const { api: requests } = api.connect();
  const checked: number[] = [];
  const guarded = requests.with({ beforeWrite: async () => void checked.push(api.seen.length) });

  await guarded.attempt('create', async (send) => {
    await send({ method: 'GET', path: '/a' });
    await send({ method: 'POST', path: '/a', body: {} });
  });

  expect(api.seen.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'POST']);
  expect(checked).toEqual([1, 3]);
});

test('a write is not repeated, when what must hold does not any more', async () => {
  await using api = await startScriptedApi([{ status: 0 }]);
  const { api: requests } = api.connect();
  const deposed = new Error('deposed');
  const beforeWrite = async (): Promise<void> => {
    if (api.seen.length > 0) throw deposed;
  };

  const writing = requests
    .with({ beforeWrite })
    .attempt('create', async (send) => await send({ method: 'POST', path: '/a', body: {} }));

  await expect(writing).rejects.toBe(deposed);
  expect(api.seen).toHaveLength(1);
});
