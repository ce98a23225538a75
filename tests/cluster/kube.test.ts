/** The client of the Kubernetes API against a real API server; its unit tests use a double. */
import { waitFor } from '@kata/core';
import { type Cluster, connectCluster, listPods, type PodObject, type PodReference } from '@kata/kube';
import {
  createPod,
  deletePod,
  evictPod,
  Lease,
  readPodLog,
  waitForPod,
  type WatchChange,
  watchNodes,
  watchPods,
} from '@kata/kube/fleet';
import { scriptedClient } from '@kata/kube/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { LabDriver } from '../driver/lab-driver.ts';

const lab = new LabDriver('test-kube');
const namespace = 'default';
const timeoutMs = 120_000;
const identity = { annotation: 'example.org/test', value: 'kube' };
const patience = { timeout: 60_000, interval: 500 };
let cluster: Cluster;

interface PodManifest {
  readonly metadata: PodReference & { readonly labels: object };
  readonly [field: string]: unknown;
}

/** On n1, with a container that is called `main`. */
function podManifest(name: string, container: object): PodManifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, labels: { app: name } },
    spec: {
      nodeName: 'n1',
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: 'registry.lab:5000/busybox:1', ...container }],
    },
  };
}

const runs = (script: string): object => ({ command: ['sh', '-c', script] });

const budget = (name: string, app: string): object => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { namespace, name },
  spec: { minAvailable: 1, selector: { matchLabels: { app } } },
});

async function runPod(name: string): Promise<PodObject> {
  await createPod(cluster.api, podManifest(name, runs('sleep 3600')), identity);
  const isDone = (pod: PodObject | undefined): boolean =>
    pod?.conditions.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
  const pod = await waitForPod(cluster.api, { namespace, name, toDo: 'to be ready', timeoutMs, isDone });
  if (pod === undefined) throw new TypeError(`no pod ${name}`);
  return pod;
}

/** Describes a change that a watch reports, for the pod of this name. */
function describeChange(change: WatchChange<PodObject>, name: string): string {
  if (change.kind === 'listed') return `listed ${change.objects.some((pod) => pod.name === name)}`;
  return change.object.name === name ? change.kind : 'other';
}

beforeAll(async () => {
  await lab.down();
  await lab.up(['--nodes', '1', '--engine', 'containerd-2.2']);
  vi.stubEnv('KUBECONFIG', (await lab.lab(['kubeconfig', '--path'])).trim());
  cluster = connectCluster({ client: { ...scriptedClient, name: 'kube-test' } });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await lab.down();
});

test('a watch reports creation and deletion of a pod, also across a restart of the API server', async () => {
  const controller = new AbortController();
  const seen: string[] = [];
  const watching = (async () => {
    const { api } = cluster.with({ signal: controller.signal });
    for await (const change of watchPods(api, { namespace, nodeName: 'n1' }))
      seen.push(describeChange(change, 'watched'));
  })();
  const stopped = expect(watching).rejects.toThrow('seen enough');
  await expect.poll(() => seen, patience).toEqual(['listed false']);

  const { uid } = await runPod('watched');
  await expect.poll(() => seen, patience).toContain('changed');
  await lab.onNode('control', ['systemctl', 'restart', 'kube-apiserver']);
  expect(await deletePod(cluster.api, { namespace, name: 'watched', uid })).toBe(true);
  await expect.poll(() => seen.at(-1) === 'deleted' || seen.at(-1) === 'listed false', patience).toBe(true);

  controller.abort(new Error('seen enough'));
  await stopped;
  expect(await deletePod(cluster.api, { namespace, name: 'watched', uid })).toBe(false);
});

test('a watch of nodes reports a label, which is patched only if the tests of the caller hold', async () => {
  const changes = watchNodes(cluster.api);
  expect((await changes.next()).value).toMatchObject({ kind: 'listed', objects: [{ name: 'n1' }] });
  await cluster.patchNode('n1', { annotations: { 'example.org/epoch': '7' } });
  const tests = [{ path: '/metadata/annotations/example.org~1epoch', value: '7' }];

  expect(await cluster.patchNode('n1', { labels: { 'example.org/seen': 'yes' } }, tests)).toBe(true);
  for await (const change of changes) {
    if (change.kind === 'changed' && change.object.labels['example.org/seen'] === 'yes') break;
  }
  await cluster.patchNode('n1', { annotations: { 'example.org/epoch': '8' } });
  const patch = cluster.patchNode('n1', { labels: { 'example.org/seen': null } }, tests);

  await expect(patch).rejects.toMatchObject({ code: 'KATA_KUBE_PRECONDITION', exitCode: 4 });
  const fields = await lab.kubectl(['get', 'node', 'n1', '--show-managed-fields', '--output=json']);
  const { metadata } = JSON.parse(fields) as { metadata: { managedFields: { manager: string }[] } };
  expect(metadata.managedFields.map(({ manager }) => manager)).toContain('kube-test');
});

test('a Lease has one holder, which releases it or loses it', async () => {
  const options = { namespace, name: 'run', durationSeconds: 5 };
  const [first, second] = ['first', 'second'].map((holder) => new Lease(cluster.api, { ...options, holder }));
  if (first === undefined || second === undefined) throw new TypeError('no Lease');

  expect(await first.acquire()).toEqual({ kind: 'acquired' });
  const renewing = setInterval(() => void first.renew(), 1000);
  expect(await second.acquire()).toEqual({ kind: 'held', holder: 'first' });
  clearInterval(renewing);
  expect(await second.acquire()).toEqual({ kind: 'acquired' });
  await expect(first.renew()).rejects.toMatchObject({ code: 'KATA_KUBE_LEASE_LOST' });
  expect(await first.acquire({ isForced: true })).toEqual({ kind: 'acquired' });
  await first.release();

  const startedMs = performance.now();
  expect(await second.acquire()).toEqual({ kind: 'acquired' });
  expect(performance.now() - startedMs).toBeLessThan(5000);
});

test('an eviction names the budget that blocks it, and evicts the pod without a budget', async () => {
  const { name, uid } = await runPod('kept');
  const evict = async (): Promise<unknown> => await evictPod(cluster.api, { namespace, name, uid });
  await lab.apply(budget('keeps', 'kept'));
  const needs = 'The disruption budget keeps needs 1 healthy pods and has 1 currently';
  await expect
    .poll(evict, patience)
    .toEqual({ kind: 'blocked', budget: 'keeps', message: expect.stringContaining(needs) });
  await lab.apply(budget('keeps-too', 'kept'));
  expect(await evict()).toMatchObject({ kind: 'blocked', budget: undefined });
  await lab.kubectl(['delete', 'poddisruptionbudget', 'keeps', 'keeps-too']);

  expect(await evictPod(cluster.api, { namespace, name, uid: 'other' })).toEqual({ kind: 'gone' });
  expect(await evict()).toEqual({ kind: 'evicted' });
  await waitForPod(cluster.api, {
    ...{ namespace, name, timeoutMs },
    toDo: 'to go',
    isDone: (pod) => pod === undefined,
  });
  expect(await evict()).toEqual({ kind: 'gone' });
});

test('the exit code and the log of a failed pod are read', async () => {
  const name = 'fails';
  await createPod(cluster.api, podManifest(name, runs('echo "{one"; echo two; exit 3')), identity);
  const isDone = (pod: PodObject | undefined): boolean => pod?.phase === 'Failed';

  const pod = await waitForPod(cluster.api, { namespace, name, toDo: 'to end', timeoutMs, isDone });

  expect(pod?.containers).toMatchObject([{ name: 'main', state: { kind: 'terminated', exitCode: 3 } }]);
  expect(await readPodLog(cluster.api, { namespace, name, limitBytes: 1000 })).toBe('{one\ntwo\n');
  expect(await readPodLog(cluster.api, { namespace, name: 'none', limitBytes: 1000 })).toBeUndefined();
  expect((await listPods(cluster.api, { namespace, nodeName: 'n1', name })).map(({ uid }) => uid)).toEqual([
    pod?.uid,
  ]);
});

test('an existing pod counts as created only with the identity of the caller', async () => {
  const { name, uid } = await runPod('twice');
  const create = async (value: string): Promise<PodObject> =>
    await createPod(cluster.api, podManifest(name, runs('sleep 3600')), { ...identity, value });

  expect(await create(identity.value)).toMatchObject({ uid });
  await expect(create('other')).rejects.toMatchObject({ code: 'KATA_KUBE_POD_EXISTS', details: { uid } });
});

test('a container that cannot be started has no log', async () => {
  const name = 'no-image';
  await createPod(cluster.api, podManifest(name, { image: 'registry.lab:5000/none:1' }), identity);

  const pod = await waitForPod(cluster.api, {
    ...{ namespace, name, timeoutMs },
    toDo: 'to lack its image',
    isDone: (one) =>
      one?.containers.some(({ state }) => state.kind === 'waiting' && state.reason.includes('Image')) ===
      true,
  });

  expect(pod?.phase).toBe('Pending');
  expect(await readPodLog(cluster.api, { namespace, name, limitBytes: 1000 })).toBeUndefined();
});

test('an Event names the controller that reports it', async () => {
  const { uid } = await cluster.readNode('n1');

  await cluster.createEvent({
    ...{ node: { name: 'n1', uid }, type: 'Normal', reason: 'Tested', action: 'Test' },
    note: 'by the cluster test',
  });

  const text = await waitFor({ what: 'the Event', timeoutMs }, async () => {
    const path = '--output=jsonpath={range .items[?(@.reason=="Tested")]}{.reportingComponent}{end}';
    return (await lab.kubectl(['get', 'events', path])) || undefined;
  });
  expect(text).toBe('example.org/scripted');
});
