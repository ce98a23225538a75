import { expect, test } from 'vitest';
import type { EventOptions } from './event-object.ts';
import { type ScriptedAnswer, type SeenRequest, startScriptedApi } from './testkit/scripted-api.ts';

const node = (labels: Readonly<Record<string, string>> = {}, version = '7', spec: object = {}): object => ({
  metadata: { name: 'n1', uid: 'u1', resourceVersion: version, labels },
  spec,
  status: { nodeInfo: { osImage: 'Debian' }, runtimeHandlers: [{ name: '' }, { name: 'kata-qemu' }] },
});

const ok = (body: unknown): ScriptedAnswer => ({ status: 200, body });

const isPatch = ({ method }: SeenRequest): boolean => method === 'PATCH';

test('a node is read with the fields that the installer uses', async () => {
  await using api = await startScriptedApi([ok(node({ zone: 'a' }))]);

  expect(await api.connect().readNode('n1')).toEqual({
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

test('kubelet is queried at the address in its Node object', async () => {
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

  expect(await api.connect().readKubeletConfiguration('n1')).toEqual(configuration);
  expect(api.seen.map(({ path }) => path)).toEqual(['/api/v1/nodes/n1', '/configz']);
});

test('the pods of a node that have a RuntimeClass and have not ended', async () => {
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

  expect(await api.connect().listClassPods('n1')).toEqual([
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

  const pods = await api.connect().listBoundPods('n1');

  expect(pods.map(({ name }) => name)).toEqual(['a/one', 'a/two']);
  expect(api.seen.map(({ path }) => path)).toEqual([
    '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&limit=500',
    '/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&limit=500&continue=more',
  ]);
});

test('handlers of RuntimeClasses', async () => {
  const items = [{ metadata: { name: 'kata' }, handler: 'kata-qemu' }];
  await using api = await startScriptedApi([ok({ items })]);

  expect(await api.connect().listRuntimeClasses()).toEqual({
    kata: 'kata-qemu',
  });
});

test('a Node object without the address of its kubelet', async () => {
  await using api = await startScriptedApi([ok(node())]);

  await expect(api.connect().readKubeletConfiguration('n1')).rejects.toMatchObject({
    code: 'KATA_KUBE_KUBELET',
    exitCode: 3,
  });
});

test('after a failed test, the patch is computed again from the present object', async () => {
  let reads = 0;
  await using api = await startScriptedApi((request) => {
    if (isPatch(request)) return reads === 1 ? { status: 422 } : ok({});
    reads += 1;
    return ok(node(reads === 1 ? { kata: 'false' } : { kata: 'maybe' }, String(reads)));
  });

  const changed = await api.connect().patchNode('n1', {
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

const epoch = { path: '/metadata/labels/example.org~1epoch', value: '7' };

test('the tests of the caller come first, also in patches of taints', async () => {
  const labels = { 'example.org/epoch': '7' };
  const taints = [{ key: 'kata', effect: 'NoSchedule' }];
  await using api = await startScriptedApi((request) =>
    ok(isPatch(request) ? {} : node(labels, '7', { taints })),
  );
  const cluster = api.connect();

  expect(await cluster.patchNode('n1', { annotations: { note: 'x' } }, [epoch])).toBe(true);
  expect(await cluster.removeTaints('n1', [{ key: 'kata', effect: undefined }], [epoch])).toEqual(taints);

  expect(api.seen.filter(isPatch).map(({ body }) => body)).toEqual([
    [
      { op: 'test', ...epoch },
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'add', path: '/metadata/annotations', value: {} },
      { op: 'add', path: '/metadata/annotations/note', value: 'x' },
    ],
    [
      { op: 'test', ...epoch },
      { op: 'test', path: '/metadata/uid', value: 'u1' },
      { op: 'test', path: '/spec/taints', value: taints },
      { op: 'remove', path: '/spec/taints' },
    ],
  ]);
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['has changed', { 'example.org/epoch': '8' }, '"8"'],
  ['is gone', {}, 'absent'],
])('a tested value that %s: nothing is written, without a retry', async (_, after, is) => {
  let reads = 0;
  await using api = await startScriptedApi((request) => {
    if (isPatch(request)) return { status: 422 };
    reads += 1;
    return ok(node(reads === 1 ? { 'example.org/epoch': '7' } : after));
  });

  await expect(api.connect().patchNode('n1', { labels: { kata: 'true' } }, [epoch])).rejects.toMatchObject({
    code: 'KATA_KUBE_PRECONDITION',
    exitCode: 4,
    message: `cannot change /api/v1/nodes/n1: ${epoch.path} is ${is}, expected "7"`,
  });

  expect(api.seen.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'GET']);
});

test('a patch that would change nothing is not sent', async () => {
  await using api = await startScriptedApi([ok(node({ kata: 'true' }))]);

  const changed = await api.connect().patchNode('n1', {
    labels: { kata: 'true' },
  });

  expect(changed).toBe(false);
  expect(api.seen.map(({ method }) => method)).toEqual(['GET']);
});

test('taints are removed by key and effect, with a test of the list', async () => {
  const taints = [
    { key: 'kata', effect: 'NoSchedule' },
    { key: 'kata', effect: 'NoExecute', value: 'x' },
    { key: 'gpu', effect: 'NoSchedule' },
  ];
  await using api = await startScriptedApi((request) =>
    ok(isPatch(request) ? {} : node({}, '7', { taints })),
  );
  const cluster = api.connect();

  const removed = await cluster.removeTaints('n1', [{ key: 'kata', effect: 'NoExecute' }]);

  expect(removed).toEqual([taints[1]]);
  expect(api.seen.find(isPatch)?.body).toEqual([
    { op: 'test', path: '/metadata/uid', value: 'u1' },
    { op: 'test', path: '/spec/taints', value: taints },
    { op: 'replace', path: '/spec/taints', value: [taints[0], taints[2]] },
  ]);
});

test('a list is read page by page, and again from its beginning when a page has expired', async () => {
  let gone = false;
  await using api = await startScriptedApi(({ path }) => {
    if (!path.includes('continue='))
      return ok({ metadata: { continue: 'two' }, items: [node({ page: '1' })] });
    if (gone) return ok({ metadata: {}, items: [node({ page: '2' })] });
    gone = true;
    return { status: 410 };
  });

  const nodes = await api.connect().listNodes('kata');

  expect(nodes.map(({ labels }) => labels)).toEqual([{ page: '1' }, { page: '2' }]);
});

test('a list without entries may be null', async () => {
  await using api = await startScriptedApi([ok({ metadata: {}, items: null })]);
  const cluster = api.connect();

  expect([await cluster.listNodes('kata'), await cluster.listDaemonSets()]).toEqual([[], []]);
});

test('not found is an answer for objects that may be missing', async () => {
  await using api = await startScriptedApi([{ status: 404 }]);
  const cluster = api.connect();

  expect(await cluster.readDaemonSet('kata', 'kata-deploy')).toBeUndefined();
  expect(await cluster.readConfigMap('kata', 'kata-lifecycle')).toBeUndefined();
  expect(await cluster.ownRbac({ namespace: 'kata', name: 'kata-deploy' })).toBe(false);
  const seen = { uid: 'u1', resourceVersion: '1' };
  expect(await cluster.readRbac({ namespace: 'kata', name: 'kata-deploy' })).toBeUndefined();
  expect(await cluster.deleteRbac({ namespace: 'kata', name: 'kata-deploy' }, seen)).toBe(false);
});

test('issue 12.22: RBAC that a new release has changed in the meantime is not deleted', async () => {
  await using api = await startScriptedApi([{ status: 409 }]);
  const cluster = api.connect();
  const seen = { uid: 'u1', resourceVersion: '7' };

  expect(await cluster.deleteRbac({ namespace: 'kata', name: 'kata-deploy' }, seen)).toBe(false);

  expect(api.seen).toMatchObject([{ method: 'DELETE', body: { preconditions: seen } }]);
});

const refusedWith = (reason: string): ScriptedAnswer => ({
  status: 409,
  body: { kind: 'Status', status: 'Failure', message: 'it is refused', reason, code: 409 },
});

const installed: EventOptions = {
  node: { name: 'n1', uid: 'u1' },
  type: 'Normal',
  reason: 'Installed',
  action: 'Install',
  note: 'x'.repeat(2000),
};

test('a conflict, such as on a ResourceQuota, does not count as an Event that exists', async () => {
  await using api = await startScriptedApi([refusedWith('Conflict'), { status: 201, body: {} }]);

  await api.connect().createEvent(installed);

  expect(api.seen).toHaveLength(2);
});

test.each([
  ['exists already', refusedWith('AlreadyExists')],
  ['has a conflict without a reason, as proxies answer', { status: 409 }],
])('a retry after a lost answer, when the Event %s, creates no second one', async (_, answer) => {
  await using api = await startScriptedApi([{ status: 0 }, answer]);

  await api.connect().createEvent(installed);

  const names = api.seen.map(({ body }) => (body as { metadata: { name: string } }).metadata.name);
  expect(names.length).toBe(2);
  expect(new Set(names).size).toBe(1);
  expect(names[0]).toMatch(/^n1\.scripted\./);
  expect(api.seen[0]?.body).toMatchObject({
    note: `${'x'.repeat(1023)}…`,
    reportingController: 'example.org/scripted',
    eventTime: '2026-01-01T00:00:00.000000Z',
  });
});
