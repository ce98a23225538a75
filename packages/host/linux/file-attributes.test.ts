/** Issue 12.7: a file that we replace keeps its attributes in addition to mode and owner. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildHelper } from '../helper/build-helper.ts';
import { LinuxFiles } from './linux-files.ts';

const run = promisify(execFile);
const probeSource = `
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
int main(int argc, char **argv) {
  unsigned char value[4096];
  if (argc == 3) {
    ssize_t size = lgetxattr(argv[1], argv[2], value, sizeof value);
    if (size < 0) return 1;
    for (ssize_t i = 0; i < size; i++) printf("%02x", value[i]);
    return 0;
  }
  size_t size = strlen(argv[3]) / 2;
  for (size_t i = 0; i < size; i++) sscanf(argv[3] + 2 * i, "%2hhx", &value[i]);
  return lsetxattr(argv[1], argv[2], value, size, 0) == 0 ? 0 : 1;
}`;

/** `u::rw-,u:1234:r--,g::r--,m::r--,o::---` as the kernel stores it. */
const accessControlList = [
  '02000000',
  '01000600ffffffff',
  '02000400d2040000',
  '04000400ffffffff',
  '10000400ffffffff',
  '20000000ffffffff',
].join('');

const attributes = {
  'user.note': Buffer.from('mine').toString('hex'),
  'security.selinux': Buffer.from('system_u:object_r:kata_t:s0\0').toString('hex'),
  'system.posix_acl_access': accessControlList,
} as const;

let scratch = '';
let helper = '';
let probe = '';
let root = '';

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'kata-attributes-'));
  helper = join(scratch, 'kata-helper');
  probe = join(scratch, 'probe');
  await buildHelper({ output: helper });
  await writeFile(`${probe}.c`, probeSource);
  await run('cc', ['-o', probe, `${probe}.c`]);
  // Two compiler runs on a machine that may be busy.
}, 60_000);
afterAll(async () => {
  await rm(scratch, { recursive: true });
});
beforeEach(async () => {
  root = await mkdtemp(join(scratch, 'root-'));
  await mkdir(join(root, 'etc'));
});

async function readAttributes(path: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(attributes)) {
    found[name] = await run(probe, [path, name]).then(
      ({ stdout }) => stdout,
      () => 'none',
    );
  }
  return found;
}

async function makeFile(name: string): Promise<string> {
  const path = join(root, 'etc', name);
  await writeFile(path, 'old', { mode: 0o640 });
  for (const [attribute, value] of Object.entries(attributes)) await run(probe, [path, attribute, value]);
  return path;
}

test('issue 12.7: a file that is replaced keeps its ACL, its extended attributes, its label and its mode', async () => {
  const path = await makeFile('config.toml');

  await new LinuxFiles({ root, helper }).write('/etc/config.toml', Buffer.from('new'));

  expect(await readAttributes(path)).toEqual(attributes);
  expect((await stat(path)).mode & 0o777).toBe(0o640);
});

test('a replaced file gets nothing from the default ACL of its directory', async () => {
  const path = join(root, 'etc/config.toml');
  await writeFile(path, 'old', { mode: 0o640 });
  await run(probe, [path, 'user.note', attributes['user.note']]);
  await run(probe, [join(root, 'etc'), 'system.posix_acl_default', accessControlList]);

  await new LinuxFiles({ root, helper }).write('/etc/config.toml', Buffer.from('new'));

  expect(await readAttributes(path)).toEqual({
    'user.note': attributes['user.note'],
    'security.selinux': 'none',
    'system.posix_acl_access': 'none',
  });
  expect((await stat(path)).mode & 0o777).toBe(0o640);
});

test('a new file gets those of `like`', async () => {
  await makeFile('60-site.toml');
  const files = new LinuxFiles({ root, helper });
  const content = Buffer.from('same');

  await files.write('/etc/copy', content, { like: '/etc/60-site.toml' });
  await files.write('/etc/plain', content);

  expect(await readAttributes(join(root, 'etc/copy'))).toEqual(attributes);
  expect((await stat(join(root, 'etc/copy'))).mode & 0o777).toBe(0o640);
  expect(await readAttributes(join(root, 'etc/plain'))).toEqual({
    'user.note': 'none',
    'security.selinux': 'none',
    'system.posix_acl_access': 'none',
  });
});

test("the kernel's digests of the content are not copied", async () => {
  const path = await makeFile('config.toml');
  await run(probe, [path, 'security.ima', '0401']);

  await new LinuxFiles({ root, helper }).write('/etc/config.toml', Buffer.from('new'));

  await expect(run(probe, [path, 'security.ima'])).rejects.toThrow();
  expect(await readAttributes(path)).toEqual(attributes);
});

describe('issue 12.23: directories of programs have the SELinux type that engines may execute', () => {
  const labelOf = async (path: string): Promise<string | undefined> => {
    const { 'security.selinux': hex } = await readAttributes(path);
    return hex === undefined || hex === 'none'
      ? undefined
      : Buffer.from(hex, 'hex').toString('utf8').replace('\0', '');
  };

  test.each([
    ['system_u:object_r:usr_t:s0', 'system_u:object_r:bin_t:s0'],
    ['unconfined_u:object_r:container_file_t:s0:c1,c2', 'unconfined_u:object_r:bin_t:s0:c1,c2'],
    ['system_u:object_r:usr_t', 'system_u:object_r:bin_t'],
  ])('%s becomes %s', async (before, after) => {
    const folder = join(root, 'bin');
    await mkdir(folder);
    await run(helper, ['label', folder, before]);

    await run(helper, ['label-programs', folder]);

    expect(await labelOf(folder)).toBe(after);
  });

  test('without a label, none is set', async () => {
    await new LinuxFiles({ root, helper }).makeDirectory('/opt/kata/releases/a/bin');

    expect(await labelOf(join(root, 'opt/kata/releases/a/bin'))).toBeUndefined();
  });
});
