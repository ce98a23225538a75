import { expect, test } from 'vitest';
import type { Host } from '@kata/host';
import { MemoryFiles } from '@kata/host/memory';
import { FilesOfRun } from './files-of-run.ts';
import { noteVerifiedFiles, VerifiedFiles } from './verified-files.ts';

/** Whether a file that was written at `writtenMs` is known after a note at `notedMs`. */
async function isKnown(writtenMs: number, notedMs: number): Promise<boolean> {
  let nowMs = writtenMs;
  const now = (): Date => new Date(nowMs);
  const files = new MemoryFiles({ files: { '/run/kata-deploy': { directory: true } }, now });
  const host: Pick<Host, 'files' | 'now' | 'bootId'> = { files, now, bootId: async () => 'boot' };
  const stamp = await files.writeStream('/one', [Buffer.from('text')], 0o644);
  const filesOfRun = new FilesOfRun(files);
  filesOfRun.add({ path: '/one', sha256: 'a', stamp });
  nowMs = notedMs;
  await noteVerifiedFiles(host, '/opt/kata', filesOfRun);
  return (await VerifiedFiles.read(host)).has(stamp, 'a');
}

test.each([
  [5001, 5002, false],
  [5001, 5021, false],
  [5001, 5022, true],
  // Where files have whole seconds, any change within the second has the same stamp.
  [5000, 5900, false],
  [5000, 6021, true],
])('a file that changed at %i ms is noted at %i ms: %s', async (writtenMs, notedMs, expected) => {
  expect(await isKnown(writtenMs, notedMs)).toBe(expected);
});
