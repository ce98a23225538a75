import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildHelper } from '../helper/build-helper.ts';
import { holdLock, type HoldLockOptions } from './hold-lock.ts';

let directory: string;
let options: HoldLockOptions;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kata-lock-'));
  const helper = join(directory, 'kata-helper');
  await buildHelper({ output: helper });
  options = { helper, path: '/run/lock', place: join(directory, 'lock'), holder: 'me', timeoutMs: 5000 };
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

test('takes and releases a lock repeatedly, and excludes other processes in between', async () => {
  for (const holder of ['one', 'two', 'three']) {
    const lock = await holdLock({ ...options, holder });
    await expect(holdLock({ ...options, timeoutMs: 200 })).rejects.toMatchObject({
      code: 'KATA_HOST_LOCKED',
      message: expect.stringContaining(holder) as string,
    });
    await lock.release();
  }
});

test('reports why a lock cannot be taken', async () => {
  await expect(holdLock({ ...options, place: join(directory, 'no/lock') })).rejects.toMatchObject({
    code: 'KATA_HOST_FILE',
    message: 'cannot lock /run/lock',
    details: { errno: 'ENOENT' },
  });
  await expect(holdLock({ ...options, helper: join(directory, 'no') })).rejects.toMatchObject({
    code: 'KATA_HOST_HELPER',
    message: 'cannot lock /run/lock',
    cause: { message: `spawn ${join(directory, 'no')} ENOENT` },
  });
  await expect(holdLock({ ...options, helper: '/bin/false' })).rejects.toMatchObject({
    code: 'KATA_HOST_HELPER',
    cause: { message: 'kata-helper exited with 1' },
  });
});

test('an error thrown by onWait ends the wait', async () => {
  const lock = await holdLock(options);
  const broken = new Error('reporter is broken');
  const onWait = (): void => {
    throw broken;
  };
  await expect(holdLock({ ...options, onWait })).rejects.toBe(broken);
  await lock.release();
});
