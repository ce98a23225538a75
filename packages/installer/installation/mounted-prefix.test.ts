/** A file system that is mounted at the prefix after the installation created it: the kernel moves and removes no mount point. */
import { fileError, systemError } from '@kata/host';
import { expect, test } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';

const fileBusy = (call: string, path: string): unknown =>
  fileError(call, path, systemError('EBUSY', call, path));
const settings = someSettings(['qemu-snp']);
const payloads = usePayloads();

test('a removal empties the mount point and leaves it', async () => {
  const node = await MemoryNode.start(usualMachine);
  const before = node.tree();
  await node.installation(settings).install(payloads.first);
  const rename = node.host.files.rename.bind(node.host.files);
  node.host.files.rename = async (from, to) => {
    if (from === '/opt/kata') throw fileBusy('rename', from);
    await rename(from, to);
  };
  const removeDirectory = node.host.files.removeDirectory.bind(node.host.files);
  node.host.files.removeDirectory = async (path) => {
    if (path === '/opt/kata') throw fileBusy('rmdir', path);
    return await removeDirectory(path);
  };

  const installation = node.installation(settings);
  await installation.remove(await installation.planRemoval());

  expect(await node.host.files.list('/opt/kata')).toEqual([]);
  expect(node.tree()).toEqual({ ...before, '/opt/kata': expect.stringContaining('directory') as string });
});
