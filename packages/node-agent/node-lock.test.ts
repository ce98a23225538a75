import { MemoryHost } from '@kata/host/memory';
import { beforeEach, expect, test, vi } from 'vitest';
import { lockNode, ownLock, sharedLock } from './node-lock.ts';

const reported: string[] = [];

beforeEach(() => {
  reported.length = 0;
});

const options = {
  holder: 'kata-deploy install',
  signal: undefined,
  report: (line: string) => reported.push(line),
  isSharedOnly: false,
  timeoutMs: 50,
  sharedTimeoutMs: 50,
} as const;

test('issue 12.22: an ordinary user who holds the shared lock delays a run, and does not stop it', async () => {
  const host = new MemoryHost();
  await host.lock(sharedLock, { holder: 'sleep 9999', timeoutMs: 50 });

  const lock = await lockNode(host, options);

  expect(reported).toEqual([
    `waiting for the lock ${sharedLock}, held by: sleep 9999`,
    `warning: continuing without the lock ${sharedLock}, which any user can hold: ${sharedLock} is still held by sleep 9999 after 0 s`,
  ]);
  await expect(lockNode(host, options)).rejects.toMatchObject({ code: 'KATA_HOST_LOCKED' });
  await lock.release();
  await (await host.lock(ownLock, { holder: 'next', timeoutMs: 50 })).release();
});

test('issue 12.21: a run that can wait does not continue without the shared lock', async () => {
  const host = new MemoryHost();
  await host.lock(sharedLock, { holder: 'upstream', timeoutMs: 50 });

  await expect(lockNode(host, { ...options, needsShared: true })).rejects.toMatchObject({
    code: 'KATA_HOST_LOCKED',
    details: { path: sharedLock },
  });

  await (await host.lock(ownLock, { holder: 'next', timeoutMs: 50 })).release();
});

test('issue 12.21: a run waits for another kata-deploy that holds the shared lock', async () => {
  const host = new MemoryHost();
  const other = await host.lock(sharedLock, { holder: 'kata-deploy install, process 7', timeoutMs: 50 });

  await expect(lockNode(host, options)).rejects.toMatchObject({
    code: 'KATA_HOST_LOCKED',
    details: { path: sharedLock },
  });

  const waiting = lockNode(host, { ...options, timeoutMs: 60_000 });
  // After its first attempt timed out.
  await vi.waitFor(() => expect(reported.filter((line) => line.includes('process 7'))).toHaveLength(4));
  await other.release();
  await (await waiting).release();
  await (await host.lock(sharedLock, { holder: 'next', timeoutMs: 50 })).release();
});

test('a run that is terminated while it waits holds no lock', async () => {
  const host = new MemoryHost();
  await host.lock(sharedLock, { holder: 'upstream', timeoutMs: 50 });
  const controller = new AbortController();
  const waiting = lockNode(host, { ...options, sharedTimeoutMs: 60_000, signal: controller.signal });
  controller.abort();

  await expect(waiting).rejects.toMatchObject({ code: 'KATA_HOST_LOCK_STOPPED' });

  await (await host.lock(ownLock, { holder: 'next', timeoutMs: 50 })).release();
});

test('a pod that sees only the shared lock takes only that one', async () => {
  const host = new MemoryHost();
  const lock = await lockNode(host, { ...options, isSharedOnly: true });

  await expect(lockNode(host, { ...options, isSharedOnly: true })).rejects.toMatchObject({
    code: 'KATA_HOST_LOCKED',
  });
  await lock.release();
});
