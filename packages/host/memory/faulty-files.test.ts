import { expect, test } from 'vitest';
import { faultyFiles } from './faulty-files.ts';
import { MemoryFiles } from './memory-files.ts';

test.each([
  ['before', { '/work': 'directory 755', '/work/1': '644 x' }],
  ['after', { '/work': 'directory 755', '/work/1': '644 x', '/work/2': '644 x' }],
] as const)('the second write fails %s its effect', async (when, left) => {
  const memory = new MemoryFiles({ files: { '/work': { directory: true } } });
  const { files, calls } = faultyFiles(memory, { operation: 'write', call: 1, error: 'ENOSPC', when });
  await files.write('/work/1', Buffer.from('x'));
  const failing = files.write('/work/2', Buffer.from('x'));

  await expect(failing).rejects.toMatchObject({
    code: 'KATA_HOST_NO_SPACE',
    message: 'cannot write /work/2',
  });
  expect(memory.snapshot()).toEqual(left);
  await files.write('/work/2', Buffer.from('x'));
  expect(calls()).toBe(3);
});

test('without an operation every change counts, but no read', async () => {
  const memory = new MemoryFiles({ files: { '/work/file': 'x' } });
  const { files } = faultyFiles(memory, { call: 0, error: 'EROFS', when: 'before' });

  expect(await files.list('/work')).toEqual(['file']);
  await expect(files.remove('/work/file')).rejects.toMatchObject({ code: 'KATA_HOST_READ_ONLY' });
});
