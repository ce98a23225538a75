import type { HostPath } from '@kata/host';
import { MemoryFiles } from '@kata/host/memory';
import { beforeEach, expect, test } from 'vitest';
import { FilesOfRun } from './files-of-run.ts';

const path: HostPath = '/r/one';
let files: MemoryFiles;
let filesOfRun: FilesOfRun;

beforeEach(async () => {
  files = new MemoryFiles({ files: { '/r': { directory: true } } });
  const stamp = await files.writeStream(path, [Buffer.from('text')], 0o644);
  filesOfRun = new FilesOfRun(files);
  filesOfRun.add({ path, sha256: 'a', stamp });
});

async function found(): Promise<readonly string[]> {
  return (await filesOfRun.unchanged()).map((file) => file.path);
}

test('a file stays while nobody touches it, also when it is renamed', async () => {
  expect(await found()).toEqual([path]);
  await files.rename(path, '/r/two');
  expect(await found()).toEqual([]);
  await files.rename('/r/two', path);
  expect(await found()).toEqual([path]);
});

test('a removal of ours that changes the ctime does not count', async () => {
  await files.hardLink(path, '/r/two');
  expect(await found()).toEqual([]);
  await files.remove('/r/two');
  expect(await found()).toEqual([path]);

  const stamp = (await files.info(path))?.stamp;
  if (stamp === undefined) throw new TypeError('the file is gone');
  await files.hardLink(path, '/r/two');
  filesOfRun.add({ path, sha256: 'a', stamp: (await files.info(path))?.stamp ?? stamp });
  await filesOfRun.whileUnlinking(async () => {
    await files.remove('/r/two');
  });
  expect(await found()).toEqual([path]);
});

test.each([
  ['before a removal of ours', true],
  ['during a removal of ours', false],
])('a file that is written %s is left out', async (_name, isBefore) => {
  const write = async (): Promise<void> => {
    await files.write(path, Buffer.from('Text'));
  };
  if (isBefore) await write();
  await filesOfRun.whileUnlinking(async () => {
    if (!isBefore) await write();
  });

  expect(await found()).toEqual([]);
});
