import { MemoryHost } from '@kata/host/memory';
import { beforeEach, expect, test, vi } from 'vitest';
import { lockNode, ownLock, sharedLock } from './node-lock.ts';

const said: string[] = [];

beforeEach(() => {
  said.length = 0;
});

const options = {
  holder: 'kata-deploy install',
  signal: undefined,
  say: (line: string) => said.push(line),
  isSharedOnly: false,
  timeoutMs: 50,
  sharedTimeoutMs: 50,
} as const;

test('issue 12.22: an ordinary user who holds the lock of all delays a run, and does not stop it', async () => {
  const host = new MemoryHost();
  await host.lock(sharedLock, { holder: 'sleep 9999', timeoutMs: 50 });

  const lock = await lockNode(host, options);

  expect(said).toEqual([
    `waiting for the lock ${sharedLock}, held by: sleep 9999`,
    `warning: continuing without the lock ${sharedLock}, which any user can hold: ${sharedLock} is still held by sleep 9999 after 0 s`,
  ]);
  await expect(lockNode(host, options)).rejects.toMatchObject({ code: 'KATA_HOST_LOCKED' });
  await lock.release();
  await (await host.lock(ownLock, { holder: 'next', timeoutMs: 50 })).release();
});

test('issue 12.21: what needs not be now does not go on without the lock of all', async () => {
  const host = new MemoryHost();
  await host.lock(sharedLock, { holder: 'upstream', timeoutMs: 50 });

  await expect(lockNode(host, { ...options, needsShared: true })).rejects.toMatchObject({
    code: 'KATA_HOST_LOCKED',
    details: { path: sharedLock },
  });

  await (await host.lock(ownLock, { holder: 'next', timeoutMs: 50 })).release();
});

test('issue 12.21: an installer of ours that has the lock of all is waited for, and never passed by', async () => {
  const host = new MemoryHost();
  const other = await host.lock(sharedLock, { holder: 'kata-deploy install, process 7', timeoutMs: 50 });

  await expect(lockNode(host, options)).rejects.toMatchObject({
    code: 'KATA_HOST_LOCKED',
    details: { path: sharedLock },
  });

  const waiting = lockNode(host, { ...options, timeoutMs: 60_000 });
  // After it gave up once.
  await vi.waitFor(() => expect(said.filter((line) => line.includes('process 7'))).toHaveLength(4));
  await other.release();
  await (await waiting).release();
  await (await host.lock(sharedLock, { holder: 'next', timeoutMs: 50 })).release();
});

test('one run at a time, and a run that is told to end while it waits holds nothing', async () => {
  const host = new MemoryHost();
  await host.lock(sharedLock, { holder: 'upstream', timeoutMs: 50 });
  const controller = new AbortController();
  const waiting = lockNode(host, { ...options, sharedTimeoutMs: 60_000, signal: controller.signal });
  controller.abort();

  await expect(waiting).rejects.toMatchObject({ code: 'KATA_HOST_LOCK_STOPPED' });

  await (await host.lock(ownLock, { holder: 'next', timeoutMs: 50 })).release();
});

test('where only the lock of all is seen, it is the one that counts', async () => {
  const host = new MemoryHost();
  const lock = await lockNode(host, { ...options, isSharedOnly: true });

  await expect(lockNode(host, { ...options, isSharedOnly: true })).rejects.toMatchObject({
    code: 'KATA_HOST_LOCKED',
  });
  await lock.release();
});
