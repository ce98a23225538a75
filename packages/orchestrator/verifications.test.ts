import { type Clock, systemClock } from '@kata/core';
import { listPods, type PodObject } from '@kata/kube';
import type { PodManifest } from '@kata/kube/fleet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeCluster } from './testkit/fake-cluster.ts';
import { contextOf } from './testkit/fleet-objects.ts';
import { Verifications } from './verifications.ts';

let cluster: FakeCluster;

beforeEach(async () => {
  cluster = await FakeCluster.start();
});

afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

function put(number: number, metadata: object = {}): void {
  cluster.put('pods', {
    metadata: {
      name: `verify-${number}`,
      namespace: 'default',
      creationTimestamp: new Date().toISOString(),
      annotations: { 'katacontainers.io/kata-lifecycle-verification': `n1/${number}` },
      ...metadata,
    },
    spec: { nodeName: 'n1' },
    status: { phase: 'Running' },
  });
}

function open(clock: Clock = systemClock): {
  readonly verifications: Verifications;
  readonly pods: () => Promise<readonly PodObject[]>;
} {
  const context = contextOf(cluster, clock);
  const manifestOf = (_: string, number: number): PodManifest => ({
    metadata: { name: `verify-${number}`, namespace: 'default' },
  });
  return {
    verifications: new Verifications(context, { timeoutMs: 180_000, manifestOf }),
    pods: async () => await listPods(context.api, { namespace: 'default' }),
  };
}

const ahead = (ms: number): Clock => ({
  ...systemClock,
  now: () => new Date(systemClock.now().getTime() + ms),
});

test.each([600_000, -600_000])(
  'a clock that differs from that of the API server by %i ms does not shorten or lengthen the time of a pod',
  async (ms) => {
    put(1);
    const clock = ahead(ms);
    const { verifications, pods } = open(clock);
    await verifications.look(await pods());

    const seen = verifications.of('n1', await pods());

    if (seen?.verdict.kind !== 'pending') throw new Error(JSON.stringify(seen));
    const leftMs = seen.verdict.until.getTime() - clock.now().getTime();
    expect(leftMs).toBeLessThanOrEqual(180_000);
    expect(leftMs).toBeGreaterThan(120_000);
  },
);

test('a pod that another process created, and deletes, is not missed', async () => {
  put(1);
  const { verifications, pods } = open();
  await verifications.look(await pods());
  cluster.remove('pods', 'verify-1', 'default');

  expect(verifications.of('n1', await pods())).toBeUndefined();
});

test('a pod that somebody deleted at once has failed, until the run has deleted it', async () => {
  const { verifications, pods } = open();
  await verifications.create('n1', 1);
  const before = await pods();
  await verifications.look(before);
  cluster.remove('pods', 'verify-1', 'default');

  const seen = verifications.of('n1', await pods());

  expect(seen).toMatchObject({
    ...{ number: 1, beingDeleted: false },
    verdict: { kind: 'failed', word: 'not-started', mayRetry: true },
  });
  await verifications.delete('n1', await pods());
  expect(verifications.of('n1', await pods())).toBeUndefined();
});

test('a pod that the run deleted is not missed', async () => {
  const { verifications, pods } = open();
  await verifications.create('n1', 1);
  const before = await pods();
  await verifications.look(before);
  await verifications.delete('n1', before);
  // The watch has not delivered the deletion yet.
  await verifications.look(before);

  expect(verifications.of('n1', await pods())).toBeUndefined();
});

test('the newest pod counts, next to one that terminates for ever', async () => {
  put(1, { deletionTimestamp: new Date().toISOString() });
  const { verifications, pods } = open();
  await verifications.look(await pods());
  expect(verifications.of('n1', await pods())).toMatchObject({ number: 1, beingDeleted: true });

  put(2);

  expect(verifications.of('n1', await pods())).toMatchObject({ number: 2, beingDeleted: false });
});
