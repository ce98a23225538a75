import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { type ScriptedAnswer, type SeenRequest, startScriptedApi } from './scripted-api.ts';

const node = {
  metadata: { name: 'n1', uid: 'u1', resourceVersion: '7' },
};
const found: ScriptedAnswer = { status: 200, body: node };
const silence: ScriptedAnswer = { status: 200, afterwards: 'silence' };

test.each([
  [401, 'KATA_KUBE_UNAUTHORIZED', 3, 'HTTP 401 says that our credentials are not valid'],
  [403, 'KATA_KUBE_FORBIDDEN', 3, 'HTTP 403 says that we may not'],
  [404, 'KATA_KUBE_NOT_FOUND', 3, 'HTTP 404 says that there is none'],
  [400, 'KATA_KUBE_REFUSED', 1, 'HTTP 400 says that the request is wrong'],
])('%i is final: asked once, %s, exit code %i', async (status, code, exitCode, says) => {
  await using api = await startScriptedApi([{ status }]);

  await expect(api.connect().readNode('n1')).rejects.toMatchObject({
    code,
    exitCode,
    message: `cannot read node "n1": ${says}`,
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

test('the pause between two attempts doubles, up to eight seconds, and is a quarter longer or shorter', async () => {
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
  ['a list that is gone', { status: 410 }],
  ['overload', { status: 429 }],
  ['a fault', { status: 500 }],
  ['a cut connection', { status: 0 }],
  ['a cut answer', { status: 200, lines: ['{'], afterwards: 'cut' }],
  ['an answer that is no JSON', { status: 200, text: '<html>' }],
])('%s passes', async (_, answer) => {
  await using api = await startScriptedApi([answer, answer, found]);

  expect((await api.connect().readNode('n1')).uid).toBe('u1');
  expect(api.seen.length).toBe(3);
});

test('an answer that comes too late passes', async () => {
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

test('what the server asks us to wait is waited', async () => {
  await using api = await startScriptedApi([{ status: 429, headers: { 'Retry-After': '7' } }, found]);
  const clock = new JumpingClock();

  await api.connect({ clock }).readNode('n1');

  expect(clock.slept).toEqual([7000]);
});

test('a wait that ends after the deadline is not begun', async () => {
  await using api = await startScriptedApi([{ status: 429, headers: { 'Retry-After': '60' } }]);
  const clock = new JumpingClock();

  await expect(api.connect({ clock }).readNode('n1')).rejects.toMatchObject({
    exitCode: 75,
    details: { attempts: 1, status: 429 },
  });
  expect(clock.slept).toEqual([]);
});

test('what is tried until a given moment goes on longer than is usual', async () => {
  await using api = await startScriptedApi([{ status: 503 }]);
  const clock = new JumpingClock();

  await expect(api.connect({ clock, limits: { untilMs: 600_000 } }).readNode('n1')).rejects.toMatchObject({
    exitCode: 75,
  });

  expect(clock.monotonicMs()).toBeGreaterThan(580_000);
});

test('a server that never answers ends in time, saying which and why', async () => {
  const clock = new JumpingClock();
  await using api = await startScriptedApi(() => {
    clock.jump(10_000);
    return silence;
  });

  await expect(api.connect({ clock }).readNode('n1')).rejects.toMatchObject({
    code: 'KATA_KUBE_UNREACHABLE',
    exitCode: 75,
    message: expect.stringMatching(
      /^cannot read node "n1": the API server http:\/\/127\.0\.0\.1:\d+ gave no answer after \d attempts$/,
    ),
    cause: { message: 'it did not answer within 10.0 s' },
  });
});

test('a port where nobody listens is a server that is away', async () => {
  const api = await startScriptedApi([]);
  await api[Symbol.asyncDispose]();

  await expect(api.connect().readNode('n1')).rejects.toMatchObject({
    code: 'KATA_KUBE_UNREACHABLE',
    exitCode: 75,
  });
});

test('issue 12.21: a 404 of something else than the API is no answer, and is asked again', async () => {
  const page = { status: 404, text: 'default backend - 404' };
  const metadata = { name: 'kata-deploy', namespace: 'kata', uid: 'd1', resourceVersion: '1' };
  const daemonSet = { status: 200, body: { metadata, spec: { template: { spec: {} } } } };
  await using api = await startScriptedApi([page, daemonSet]);
  await using silent = await startScriptedApi([page]);

  expect(await api.connect().readDaemonSet('kata', 'kata-deploy')).toMatchObject({ name: 'kata-deploy' });
  const away = silent.connect();
  await expect(away.readDaemonSet('kata', 'kata-deploy')).rejects.toMatchObject({
    code: 'KATA_KUBE_UNREACHABLE',
    exitCode: 75,
  });
  await expect(away.readConfigMap('kata', 'kata-lifecycle')).rejects.toMatchObject({ exitCode: 75 });
  await expect(away.readNode('n1')).rejects.toMatchObject({ exitCode: 75 });
});

test('the API server is told who asks', async () => {
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
])('a signal ends %s with its reason, and nothing is asked again', async (_, script) => {
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
