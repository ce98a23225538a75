import { JumpingClock } from '@kata/core/testkit';
import { expect, test } from 'vitest';
import { LeaseKeeper, type LeaseSpec as Spec } from '../testkit/lease-keeper.ts';
import { startScriptedApi } from '../testkit/scripted-api.ts';
import { Lease } from './lease.ts';

const options = { namespace: 'kata', name: 'run', holder: 'us', durationSeconds: 15 };
const theirs: Spec = { holderIdentity: 'them', leaseDurationSeconds: 15, leaseTransitions: 3 };
const at = (seconds: number): string =>
  new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString().replace('Z', '000Z');
const ours = (acquired: number, renewed: number, leaseTransitions: number): Spec => ({
  holderIdentity: 'us',
  leaseDurationSeconds: 15,
  acquireTime: at(acquired),
  renewTime: at(renewed),
  leaseTransitions,
});

test('a missing Lease is created, renewed and released', async () => {
  const keeper = new LeaseKeeper();
  const clock = new JumpingClock();
  await using api = await startScriptedApi((request) => keeper.answer(request));
  const lease = new Lease(api.connect({ clock }).api, options);
  expect(lease.remainingMs).toBeLessThan(0);

  expect(await lease.acquire()).toEqual({ kind: 'acquired' });
  expect(keeper.spec).toEqual(ours(0, 0, 0));
  clock.jump(5000);
  expect(lease.remainingMs).toBe(10_000);
  await lease.renew();
  expect([keeper.spec, lease.remainingMs]).toEqual([ours(0, 5, 0), 15_000]);
  await lease.release();

  const { holderIdentity, ...left } = ours(0, 5, 0);
  expect(keeper.spec).toEqual(left);
  expect([holderIdentity, lease.remainingMs < 0]).toEqual(['us', true]);
});

test.each<[string, Spec, number]>([
  ['has no holder', { leaseTransitions: 3 }, 4],
  ['has no spec', {}, 1],
  ['another process with the same holder name holds', { ...theirs, holderIdentity: 'us' }, 3],
])('a Lease that %s is acquired at once', async (_, spec, transitions) => {
  const keeper = new LeaseKeeper(spec);
  const clock = new JumpingClock();
  await using api = await startScriptedApi((request) => keeper.answer(request));

  expect(await new Lease(api.connect({ clock }).api, options).acquire()).toEqual({ kind: 'acquired' });

  expect(keeper.spec).toEqual(ours(0, 0, transitions));
  expect(clock.slept).toEqual([]);
});

test.each<[string, Spec, number]>([
  ['for its own duration', { ...theirs, leaseDurationSeconds: 120 }, 120],
  ['for our duration if it has none', { holderIdentity: 'them', leaseTransitions: 3 }, 15],
])('a dead holder blocks the Lease %s', async (_, spec, seconds) => {
  const keeper = new LeaseKeeper(spec);
  const clock = new JumpingClock();
  await using api = await startScriptedApi((request) => keeper.answer(request));

  expect(await new Lease(api.connect({ clock }).api, options).acquire()).toEqual({ kind: 'acquired' });

  expect(clock.monotonicMs()).toBe(seconds * 1000);
  expect(keeper.spec).toEqual(ours(seconds, seconds, 4));
});

test('a live holder is reported, whatever its clock', async () => {
  const keeper = new LeaseKeeper({ ...theirs, renewTime: '1999-01-01T00:00:00.000000Z' });
  const clock = new JumpingClock();
  await using api = await startScriptedApi((request) => {
    if (clock.monotonicMs() === 7000) keeper.write({ ...theirs, renewTime: '1999-01-01T00:00:07.000000Z' });
    return keeper.answer(request);
  });
  const lease = new Lease(api.connect({ clock }).api, options);

  expect(await lease.acquire()).toEqual({ kind: 'held', holder: 'them' });

  expect(clock.monotonicMs()).toBe(7000);
  expect([keeper.spec?.holderIdentity, lease.remainingMs < 0]).toEqual(['them', true]);
});

test('a forced acquisition does not wait, and the previous holder fails to renew', async () => {
  const keeper = new LeaseKeeper();
  const clock = new JumpingClock();
  await using api = await startScriptedApi((request) => keeper.answer(request));
  const deposed = new Lease(api.connect({ clock }).api, { ...options, holder: 'them' });
  await deposed.acquire();

  const lease = new Lease(api.connect({ clock }).api, options);
  expect(await lease.acquire({ isForced: true })).toEqual({ kind: 'acquired' });

  await expect(deposed.renew()).rejects.toMatchObject({
    code: 'KATA_KUBE_LEASE_LOST',
    exitCode: 4,
    message: 'lost Lease "kata/run": "us" holds it',
  });
  expect(deposed.remainingMs).toBeLessThan(0);
  await deposed.release();
  expect(keeper.spec).toEqual(ours(0, 0, 1));
});

test('a deleted Lease is lost', async () => {
  const keeper = new LeaseKeeper();
  await using api = await startScriptedApi((request) => keeper.answer(request));
  const lease = new Lease(api.connect().api, options);
  await lease.acquire();
  keeper.write(undefined);

  await expect(lease.renew()).rejects.toMatchObject({
    code: 'KATA_KUBE_LEASE_LOST',
    message: 'lost Lease "kata/run": it has no holder',
  });
});

test.each<[string, Spec | undefined, number]>([
  ['created', undefined, 0],
  ['acquired', { leaseTransitions: 3 }, 4],
])('a Lease is held although the answer was lost when it was %s', async (_, spec, transitions) => {
  const keeper = new LeaseKeeper(spec);
  keeper.losesNext = 1;
  await using api = await startScriptedApi((request) => keeper.answer(request));

  expect(await new Lease(api.connect().api, options).acquire()).toEqual({ kind: 'acquired' });

  expect(keeper.spec).toMatchObject({ holderIdentity: 'us', leaseTransitions: transitions });
});

test('of two concurrent acquisitions one succeeds', async () => {
  const keeper = new LeaseKeeper({});
  const controller = new AbortController();
  await using api = await startScriptedApi((request) => keeper.answer(request));
  const acquisitions = ['us', 'them'].map(async (holder) => {
    const { signal } = controller;
    const outcome = await new Lease(api.connect({ signal }).api, { ...options, holder }).acquire();
    return { holder, outcome };
  });

  const first = await Promise.race(acquisitions);
  expect(first).toEqual({ holder: keeper.spec?.holderIdentity, outcome: { kind: 'acquired' } });

  controller.abort();
  const ends = await Promise.allSettled(acquisitions);
  expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('a signal ends the wait for a dead holder with its reason', async () => {
  const keeper = new LeaseKeeper(theirs);
  const controller = new AbortController();
  const reason = new Error('stopped');
  await using api = await startScriptedApi((request) => {
    setImmediate(() => controller.abort(reason));
    return keeper.answer(request);
  });
  const lease = new Lease(api.connect({ signal: controller.signal }).api, options);

  await expect(lease.acquire()).rejects.toBe(reason);
  expect(keeper.spec).toBe(theirs);
});
