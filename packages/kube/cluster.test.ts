import { expect, test } from 'vitest';
import type { ApiLimits } from './api-requests.ts';
import { Cluster } from './cluster.ts';
import { type ScriptedAnswer, type SeenRequest, startScriptedApi } from './scripted-api.ts';

const limits: ApiLimits = { requestMs: 1000, overallMs: 10_000, firstPauseMs: 1 };

const node = (labels: Readonly<Record<string, string>> = {}, version = '7', spec: object = {}): object => ({
  metadata: { name: 'n1', uid: 'u1', resourceVersion: version, labels },
  spec,
  status: { nodeInfo: { osImage: 'Debian' }, runtimeHandlers: [{ name: '' }, { name: 'kata-qemu' }] },
});

const ok = (body: unknown): ScriptedAnswer => ({ status: 200, body });

const isPatch = ({ method }: SeenRequest): boolean => method === 'PATCH';

test('a node is read with what the installer needs of it', async () => {
  await using api = await startScriptedApi([ok(node({ zone: 'a' }))]);

  expect(await new Cluster({ connection: api.connection, limits }).readNode('n1')).toEqual({
    name: 'n1',
    uid: 'u1',
    resourceVersion: '7',
    labels: { zone: 'a' },
    annotations: {},
    taints: [],
    nodeInfo: { osImage: 'Debian' },
    runtimeHandlers: ['kata-qemu'],
  });
});

test('kubelet is asked itself, at the address that its node says', async () => {
  const configuration = { kubeletconfig: { runtimeRequestTimeout: '2m0s' } };
  let port = 0;
  await using api = await startScriptedApi(({ path }) =>
    ok(
      path === '/configz'
        ? configuration
        : {
            ...node(),
            status: {
              addresses: [
                { type: 'Hostname', address: 'n1' },
                { type: 'InternalIP', address: '127.0.0.1' },
              ],
              daemonEndpoints: { kubeletEndpoint: { Port: port } },
            },
          },
    ),
  );
  port = Number(new URL(api.connection.server).port);

  expect(await new Cluster({ connection: api.connection, limits }).readKubeletConfiguration('n1')).toEqual(
    configuration,
  );
  expect(api.seen.map(({ path }) => path)).toEqual(['/api/v1/nodes/n1', '/configz']);
});

test('the pods of a node that have a runtime class and have not ended', async () => {
  const pod = (uid: string, runtimeClassName?: string, phase = 'Running'): object => ({
    metadata: { uid, name: `pod-${uid}`, namespace: 'default' },
    spec: { nodeSelector: { zone: 'x' }, ...(runtimeClassName === undefined ? {} : { runtimeClassName }) },
    status: { phase },
  });
  const items = [
    pod('a', 'kata-qemu'),
    pod('b'),
    pod('c', 'kata', 'Succeeded'),
    pod('d', 'nvidia', 'Pending'),
  ];
  await using api = await startScriptedApi([ok({ kind: 'PodList', items })]);

  expect(await new Cluster({ connection: api.connection, limits }).listClassPods('n1')).toEqual([
    { uid: 'a', name: 'default/pod-a', runtimeClass: 'kata-qemu', nodeSelector: { zone: 'x' } },
    { uid: 'd', name: 'default/pod-d', runtimeClass: 'nvidia', nodeSelector: { zone: 'x' } },
  ]);
  expect(api.seen.map(({ path }) => path)).toEqual(['/api/v1/nodes/n1/proxy/pods']);
});

test('the pods that are bound to a node, page by page', async () => {
  const page = (uid: string, next?: string): ScriptedAnswer =>
    ok({
      metadata: next === undefined ? {} : { continue: next },
      items: [{ metadata: { uid, name: uid, namespace: 'a' }, spec: { runtimeClassName: 'kata' } }],
    });
  await using api = await startScriptedApi([page('one', 'more'), page('two')]);

  const pods = await new Cluster({ connection: api.connection, limits }).listBoundPods('n1');

  expect(pods.map(({ name }) => name)).toEqual(['a/one', 'a/two']);
  expect(api.seen.map(({ path }) => path)).toEqual([
    '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&limit=500',
    '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&limit=500&continue=more',
  ]);
});

test('handlers of RuntimeClasses', async () => {
  const items = [{ metadata: { name: 'kata' }, handler: 'kata-qemu' }];
  await using api = await startScriptedApi([ok({ items })]);

  expect(await new Cluster({ connection: api.connection, limits }).listRuntimeClasses()).toEqual({
    kata: 'kata-qemu',
  });
});

test('a node that does not say where its kubelet answers', async () => {
  await using api = await startScriptedApi([ok(node())]);

  await expect(
    new Cluster({ connection: api.connection, limits }).readKubeletConfiguration('n1'),
  ).rejects.toMatchObject({ code: 'KATA_KUBE_KUBELET', exitCode: 3 });
});

test.each([
  [401, 'KATA_KUBE_UNAUTHORIZED', 3, 'HTTP 401 says that our credentials are not valid'],
  [403, 'KATA_KUBE_FORBIDDEN', 3, 'HTTP 403 says that we may not'],
  [404, 'KATA_KUBE_NOT_FOUND', 3, 'HTTP 404 says that there is none'],
  [400, 'KATA_KUBE_REFUSED', 1, 'HTTP 400 says that the request is wrong'],
])('%i is final: asked once, %s, exit code %i', async (status, code, exitCode, says) => {
  await using api = await startScriptedApi([{ status }]);

  await expect(new Cluster({ connection: api.connection, limits }).readNode('n1')).rejects.toMatchObject({
    code,
    exitCode,
    message: `cannot read node "n1": ${says}`,
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
  const cluster = new Cluster({ connection: api.connection, limits: { ...limits, overallMs: 400 } });

  await expect(cluster.readNode('n1')).rejects.toMatchObject({ code, exitCode: 75, details: { status } });
  expect(api.seen.length).toBeGreaterThan(2);
});

test.each<[string, ScriptedAnswer]>([
  ['a conflict', { status: 409 }],
  ['a list that is gone', { status: 410 }],
  ['overload', { status: 429 }],
  ['a fault', { status: 500 }],
  ['a cut connection', { status: 0 }],
  ['an answer that comes too late', { status: 200, delayMs: 1500 }],
])('%s passes', async (_, answer) => {
  await using api = await startScriptedApi([answer, answer, ok(node())]);

  expect((await new Cluster({ connection: api.connection, limits }).readNode('n1')).uid).toBe('u1');
  expect(api.seen.length).toBe(3);
});

test('what the server asks us to wait is waited', async () => {
  await using api = await startScriptedApi([{ status: 429, headers: { 'Retry-After': '1' } }, ok(node())]);
  const startedAt = performance.now();

  await new Cluster({ connection: api.connection, limits }).readNode('n1');

  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
});

test('a wait that ends after the deadline is not begun', async () => {
  await using api = await startScriptedApi([{ status: 429, headers: { 'Retry-After': '60' } }]);
  const startedAt = performance.now();

  await expect(new Cluster({ connection: api.connection, limits }).readNode('n1')).rejects.toMatchObject({
    exitCode: 75,
    details: { attempts: 1, status: 429 },
  });
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

test('a server that never answers ends in time, saying which and why', async () => {
  await using api = await startScriptedApi([{ status: 200, delayMs: 60_000 }]);
  const cluster = new Cluster({
    connection: api.connection,
    limits: { ...limits, requestMs: 200, overallMs: 500 },
  });

  await expect(cluster.readNode('n1')).rejects.toMatchObject({
    code: 'KATA_KUBE_UNREACHABLE',
    exitCode: 75,
    message: expect.stringMatching(
      /^cannot read node "n1": the API server http:\/\/127\.0\.0\.1:\d+ gave no answer after \d attempts$/,
    ),
    cause: { message: expect.stringMatching(/^it did not answer within 0\.\d s$/) },
  });
});

test('a port where nobody listens is a server that is away', async () => {
  const api = await startScriptedApi([]);
  await api[Symbol.asyncDispose]();
  const cluster = new Cluster({ connection: api.connection, limits: { ...limits, overallMs: 50 } });

  await expect(cluster.readNode('n1')).rejects.toMatchObject({ code: 'KATA_KUBE_UNREACHABLE', exitCode: 75 });
});

test('a patch whose tests fail is made anew from what is there then', async () => {
  let reads = 0;
  await using api = await startScriptedApi((request) => {
    if (isPatch(request)) return reads === 1 ? { status: 422 } : ok({});
    reads += 1;
    return ok(node(reads === 1 ? { kata: 'false' } : { kata: 'maybe' }, String(reads)));
  });

  const changed = await new Cluster({ connection: api.connection, limits }).patchNode('n1', {
    labels: { kata: 'true' },
  });

  expect(changed).toBe(true);
  expect(api.seen.filter(isPatch).map(({ body }) => body)).toEqual(
    ['false', 'maybe'].map((value) => [
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/metadata/labels/kata', value },
      { op: 'replace', path: '/metadata/labels/kata', value: 'true' },
    ]),
  );
});

test('a patch that would change nothing is not sent', async () => {
  await using api = await startScriptedApi([ok(node({ kata: 'true' }))]);

  const changed = await new Cluster({ connection: api.connection, limits }).patchNode('n1', {
    labels: { kata: 'true' },
  });

  expect(changed).toBe(false);
  expect(api.seen.map(({ method }) => method)).toEqual(['GET']);
});

test('taints go by key and effect, and the list is tested', async () => {
  const taints = [
    { key: 'kata', effect: 'NoSchedule' },
    { key: 'kata', effect: 'NoExecute', value: 'x' },
    { key: 'gpu', effect: 'NoSchedule' },
  ];
  await using api = await startScriptedApi((request) =>
    ok(isPatch(request) ? {} : node({}, '7', { taints })),
  );
  const cluster = new Cluster({ connection: api.connection, limits });

  const removed = await cluster.removeTaints('n1', [{ key: 'kata', effect: 'NoExecute' }]);

  expect(removed).toEqual([taints[1]]);
  expect(api.seen.find(isPatch)?.body).toEqual([
    { op: 'test', path: '/metadata/uid', value: 'u1' },
    { op: 'test', path: '/spec/taints', value: taints },
    { op: 'replace', path: '/spec/taints', value: [taints[0], taints[2]] },
  ]);
});

test('a list is read page by page, and from its beginning when a page is gone', async () => {
  let gone = false;
  await using api = await startScriptedApi(({ path }) => {
    if (!path.includes('continue='))
      return ok({ metadata: { continue: 'two' }, items: [node({ page: '1' })] });
    if (gone) return ok({ metadata: {}, items: [node({ page: '2' })] });
    gone = true;
    return { status: 410 };
  });

  const nodes = await new Cluster({ connection: api.connection, limits }).listNodes('kata');

  expect(nodes.map(({ labels }) => labels)).toEqual([{ page: '1' }, { page: '2' }]);
});

test('a list without entries is null on the wire', async () => {
  await using api = await startScriptedApi([ok({ metadata: {}, items: null })]);
  const cluster = new Cluster({ connection: api.connection, limits });

  expect([await cluster.listNodes('kata'), await cluster.listDaemonSets()]).toEqual([[], []]);
});

test('what does not exist is an answer where it may be so', async () => {
  await using api = await startScriptedApi([{ status: 404 }]);
  const cluster = new Cluster({ connection: api.connection, limits });

  expect(await cluster.readDaemonSet('kata', 'kata-deploy')).toBeUndefined();
  expect(await cluster.readConfigMap('kata', 'kata-lifecycle')).toBeUndefined();
  expect(await cluster.ownRights({ namespace: 'kata', name: 'kata-deploy' })).toBe(false);
  const seen = { uid: 'u1', resourceVersion: '1' };
  expect(await cluster.readRights({ namespace: 'kata', name: 'kata-deploy' })).toBeUndefined();
  expect(await cluster.deleteRights({ namespace: 'kata', name: 'kata-deploy' }, seen)).toBe(false);
});

test('issue 12.21: a 404 of something else than the API is no answer, and is asked again', async () => {
  const page = { status: 404, body: 'default backend - 404' };
  const metadata = { name: 'kata-deploy', namespace: 'kata', uid: 'd1', resourceVersion: '1' };
  const found = ok({ metadata, spec: { template: { spec: {} } } });
  await using api = await startScriptedApi([page, found]);
  await using silent = await startScriptedApi([page]);

  const cluster = new Cluster({ connection: api.connection, limits });
  expect(await cluster.readDaemonSet('kata', 'kata-deploy')).toMatchObject({ name: 'kata-deploy' });
  const away = new Cluster({ connection: silent.connection, limits: { ...limits, overallMs: 50 } });
  await expect(away.readDaemonSet('kata', 'kata-deploy')).rejects.toMatchObject({
    code: 'KATA_KUBE_UNREACHABLE',
    exitCode: 75,
  });
  await expect(away.readConfigMap('kata', 'kata-lifecycle')).rejects.toMatchObject({ exitCode: 75 });
  await expect(away.readNode('n1')).rejects.toMatchObject({ exitCode: 75 });
});

test('issue 12.22: rights that a new release changed since they were seen are not deleted', async () => {
  await using api = await startScriptedApi([{ status: 409 }]);
  const cluster = new Cluster({ connection: api.connection, limits });
  const seen = { uid: 'u1', resourceVersion: '7' };

  expect(await cluster.deleteRights({ namespace: 'kata', name: 'kata-deploy' }, seen)).toBe(false);

  expect(api.seen).toMatchObject([{ method: 'DELETE', body: { preconditions: seen } }]);
});

test('an event whose first answer was lost is one event', async () => {
  await using api = await startScriptedApi([{ status: 0 }, { status: 409 }]);

  await new Cluster({ connection: api.connection, limits }).createEvent({
    node: { name: 'n1', uid: 'u1' },
    type: 'Normal',
    reason: 'Installed',
    action: 'Install',
    note: 'x'.repeat(2000),
  });

  const names = api.seen.map(({ body }) => (body as { metadata: { name: string } }).metadata.name);
  expect(names.length).toBe(2);
  expect(new Set(names).size).toBe(1);
  expect(api.seen[0]?.body).toMatchObject({ note: `${'x'.repeat(1023)}…` });
});
