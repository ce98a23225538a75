import { lstat, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeHost } from '../conformance/describe-host.ts';
import { buildHelper } from '../helper/build-helper.ts';
import { createLinuxHost } from './linux-host.ts';

let directory: string;
let helper: string;
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kata-host-'));
  helper = join(directory, 'kata-helper');
  await buildHelper({ output: helper });
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function newRoot(): Promise<string> {
  count += 1;
  const root = join(directory, `root-${count}`);
  await mkdir(join(root, 'work'), { recursive: true });
  return root;
}

describeHost('linux', async () => {
  const root = await newRoot();
  return {
    host: createLinuxHost({ root, helper }),
    dispose: async () => await rm(root, { recursive: true, force: true }),
  };
});

test('a file with the right content is not touched', async () => {
  const root = await newRoot();
  const { files } = createLinuxHost({ root });
  await files.write('/work/file', Buffer.from('x'));
  const before = await stat(join(root, 'work/file'), { bigint: true });
  await files.write('/work/file', Buffer.from('x'));
  const after = await stat(join(root, 'work/file'), { bigint: true });

  expect([after.ino, after.ctimeNs]).toEqual([before.ino, before.ctimeNs]);
});

test('removes only the temporary files of a killed run next to the file', async () => {
  const root = await newRoot();
  const { files } = createLinuxHost({ root });
  const names = ['.file.kata-0123456789ab', '.file.kata-mine', '.other.kata-0123456789ab'];
  for (const name of names) await writeFile(join(root, 'work', name), '');
  await files.write('/work/file', Buffer.from('x'));
  const list = async (): Promise<string[]> => (await readdir(join(root, 'work'))).toSorted();
  expect(await list()).toEqual(['.file.kata-mine', '.other.kata-0123456789ab', 'file']);

  await files.remove('/work/other');
  expect(await list()).toEqual(['.file.kata-mine', 'file']);
});

test('a link out of the root is resolved within it', async () => {
  const root = await newRoot();
  const outside = join(directory, 'outside');
  await writeFile(outside, 'outside');
  await symlink(outside, join(root, 'work/link'));
  const { files } = createLinuxHost({ root });

  expect(await files.read('/work/link')).toBeUndefined();
  await files.makeDirectory('/work/link');
  expect((await lstat(join(root, outside))).isDirectory()).toBe(true);
});

test('does not replace a device', async () => {
  const { files } = createLinuxHost({ root: '/' });

  await expect(files.write('/dev/null', Buffer.from('x'))).rejects.toMatchObject({
    code: 'KATA_HOST_FILE',
    message: 'cannot write /dev/null',
  });
});

test('finds sockets behind links', async () => {
  const root = await newRoot();
  await mkdir(join(root, 'run'));
  await mkdir(join(root, 'var'));
  await symlink('/run', join(root, 'var/run'));

  expect(createLinuxHost({ root }).socketPath('/var/run/engine.sock')).toBe(join(root, 'run/engine.sock'));
});

test('without the helper it syncs trees file by file, and refuses what it cannot do', async () => {
  const host = createLinuxHost({ root: await newRoot() });
  const { files } = host;
  await files.makeDirectory('/work/deep');
  await files.write('/work/deep/file', Buffer.from('x'));
  await files.setLink('/work/deep/link', '/nowhere');
  await files.syncTree('/work');

  await expect(files.exchange('/work/deep', '/work')).rejects.toMatchObject({ code: 'KATA_HOST_HELPER' });
  await expect(host.lock('/work/lock', { holder: 'me', timeoutMs: 10 })).rejects.toMatchObject({
    code: 'KATA_HOST_HELPER',
  });
});

test('reports that systemd cannot be reached', async () => {
  const { units } = createLinuxHost({ root: await newRoot() });

  await expect(units.state('containerd.service')).rejects.toMatchObject({
    code: 'KATA_HOST_SYSTEMD',
    exitCode: 3,
  });
});
