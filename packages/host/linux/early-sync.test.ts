import { type FileHandle, mkdtempDisposable, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EarlySync } from './early-sync.ts';

test('a failed sync rejects `settle` once, and all files are closed', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'early-sync-test-'));
  const handles: FileHandle[] = [];
  for (const name of ['a', 'b', 'c']) handles.push(await open(join(directory.path, name), 'wx'));
  const broken = new Error('EIO');
  Object.assign(handles[1] ?? {}, { datasync: async () => await Promise.reject(broken) });
  const sync = new EarlySync();

  for (const handle of handles) sync.add(handle);

  await expect(sync.settle()).rejects.toBe(broken);
  expect(handles.map(({ fd }) => fd)).toEqual([-1, -1, -1]);
  await sync.settle();
});
