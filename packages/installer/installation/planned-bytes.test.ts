/** A plan counts the bytes that its run writes into a release, also where files of the store cannot be shared. */
import type { HostPath } from '@kata/host';
import type { MemoryFiles } from '@kata/host/memory';
import { expect, test, vi } from 'vitest';
import { MemoryNode } from '../testkit/memory-node.ts';
import { usualMachine } from '../testkit/scenarios.ts';
import { someSettings } from '../testkit/some-settings.ts';
import { usePayloads } from '../testkit/use-payloads.ts';
import type { InstallOptions } from './install.ts';

const payloads = usePayloads();
const settings = someSettings(['qemu-snp']);
const kernel = 'share/vmlinux-1';
const configuration = 'share/defaults/kata-containers/configuration-qemu-snp.toml';

type Change = (files: MemoryFiles, path: HostPath) => Promise<void>;

const remove: Change = async (files, path) => await files.remove(path);
const append: Change = async (files, path) => {
  const content = await files.read(path);
  await files.write(path, Buffer.concat([content ?? Buffer.alloc(0), Buffer.from('more')]));
};
const overwrite: Change = async (files, path) => {
  const content = await files.read(path);
  await files.write(path, Buffer.alloc(content?.length ?? 0, '#'));
};

interface Wanted extends InstallOptions {
  readonly next: 'first' | 'second';
  readonly debug?: true;
}

const again: Wanted = { next: 'first' };
const repair: Wanted = { next: 'first', repairs: true };
const upgrade: Wanted = { next: 'second' };
const otherSettings: Wanted = { next: 'first', debug: true };

test.each<[string, Wanted, string, Change | undefined]>([
  ['an upgrade', upgrade, kernel, undefined],
  ['other settings', otherSettings, kernel, undefined],
  ['an upgrade without a file of the store', upgrade, kernel, remove],
  ['an upgrade with a longer file in the store', upgrade, kernel, append],
  ['an upgrade with a changed file of the same size', upgrade, kernel, overwrite],
  ['other settings with an edited configuration', otherSettings, configuration, append],
  ['the same release without a file', again, kernel, remove],
  ['the same release with a longer file', again, kernel, append],
  ['a repair of a changed file of the same size', repair, kernel, overwrite],
  ['a repair of an edited configuration', repair, configuration, overwrite],
])('%s', async (_, { next, debug = false, ...options }, path, change) => {
  const node = await MemoryNode.start(usualMachine);
  const files = node.host.files as MemoryFiles;
  await node.host.files.makeDirectory('/run/kata-deploy');
  const { release } = await node.installation(settings).install(payloads.first);
  await change?.(files, `/opt/kata/releases/${release}/${path}`);
  const wanted = { ...settings, debug };
  const written = countWritten(files);

  const plan = await node.installation(wanted).planInstall(payloads[next], options);
  await node.installation(wanted).install(payloads[next], options);

  const planned = plan.actions.flatMap((action) => (action.kind === 'release.write' ? [action.bytes] : []));
  expect(planned).toEqual([written.bytes]);
});

/** Of releases. */
function countWritten(files: MemoryFiles): { bytes: number } {
  const written = { bytes: 0 };
  const count = async (path: HostPath): Promise<void> => {
    if (path.includes('/releases/')) written.bytes += (await files.info(path))?.size ?? 0;
  };
  const [write, writeStream] = [files.write.bind(files), files.writeStream.bind(files)];
  vi.spyOn(files, 'write').mockImplementation(async (path, ...more) => {
    await write(path, ...more);
    await count(path);
  });
  vi.spyOn(files, 'writeStream').mockImplementation(async (path, ...more) => {
    const stamp = await writeStream(path, ...more);
    await count(path);
    return stamp;
  });
  return written;
}
