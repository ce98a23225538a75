/** Locks, and the other parts of a Host in addition to its files. */
import { expect, test } from 'vitest';
import type { HostLock } from '../host.ts';
import { type Current, text, failureOf } from './current.ts';

export function testLock({ host, files }: Current): void {
  test('only one process holds a lock, and the next one learns which', async () => {
    const seen: string[] = [];
    const first = await host().lock('/work/run/lock', { holder: 'first', timeoutMs: 5000 });
    expect(await text(files(), '/work/run/lock')).toBe('first\n');
    const second = host().lock('/work/run/lock', {
      holder: 'second',
      timeoutMs: 5000,
      onWait: (holder) => {
        seen.push(holder);
        void first.release();
      },
    });
    await (await second).release();

    expect(seen).toEqual(['first']);
    expect(await text(files(), '/work/run/lock')).toBe('');
  });

  test('times out waiting for a lock, and names its holder', async () => {
    const first = await host().lock('/work/lock', { holder: 'first', timeoutMs: 5000 });
    const failure = await failureOf(host().lock('/work/lock', { holder: 'second', timeoutMs: 200 }));
    await first.release();
    await first.release();

    expect(failure).toEqual([
      'KATA_HOST_LOCKED',
      '/work/lock is still held by first after 0 s',
      5,
      undefined,
    ]);
  });

  test('an abort ends the wait for a lock, and a held lock stays', async () => {
    const told = new AbortController();
    const lock = async (onWait?: () => void): Promise<HostLock> =>
      await host().lock('/work/lock', {
        holder: 'me',
        timeoutMs: 60_000,
        signal: told.signal,
        ...(onWait === undefined ? {} : { onWait }),
      });
    const first = await lock();
    const failure = failureOf(lock(() => told.abort()));
    expect(await failure).toEqual([
      'KATA_HOST_LOCK_STOPPED',
      'terminated (SIGTERM) while waiting for the lock /work/lock, held by me',
      143,
      undefined,
    ]);
    expect(await failureOf(lock())).toContain('KATA_HOST_LOCK_STOPPED');
    expect(await text(files(), '/work/lock')).toBe('me\n');
    await first.release();
  });
}

export function testMachine({ host }: Current): void {
  test('has a boot id, a clock and an architecture', async () => {
    expect(await host().bootId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(host().now().getTime()).toBeGreaterThan(0);
    expect(host().architecture).toMatch(/^(?:amd64|arm64|s390x|ppc64le)$/);
  });
}
