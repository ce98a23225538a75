import { mkdir, mkdtempDisposable, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { packLayer } from '@kata/oci';
import { Progress } from '@kata/report';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { type InstallerImage } from './installer-image.ts';
import { packPayload } from './pack-payload.ts';

const source = `
import { hostname } from 'node:os';
import { greeting } from './greeting.ts';
await Promise.resolve();
process.stdout.write(greeting + typeof hostname);
`;

/** A checkout of a program, a fake Node, and two components. */
async function makeInputs(directory: string, modified: Date): Promise<void> {
  const files = {
    'apps/deploy/main.ts': source,
    'apps/deploy/greeting.ts': "export const greeting: string = 'I am a ';\n",
    node: 'node\n',
    helper: 'helper\n',
    'components/notes.txt': 'not a component\n',
    'components/kata-static-3.24.0-amd64.tar.zst': 'a bundle, not a component\n',
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(directory, path, '..'), { recursive: true });
    await writeFile(join(directory, path), content, { mode: 0o600 });
    await utimes(join(directory, path), modified, modified);
  }
  for (const name of ['qemu', 'kernel']) {
    const layer = await packLayer([
      { kind: 'file', path: `./opt/kata/share/${name}`, content: Buffer.from(name) },
    ]);
    await writeFile(join(directory, `components/kata-static-${name}.tar.zst`), zstdCompressSync(layer));
  }
}

async function packIn(directory: string): Promise<InstallerImage> {
  return await packPayload({
    components: join(directory, 'components'),
    version: '3.24.0',
    architecture: 'amd64',
    output: join(directory, 'image'),
    sources: {
      checkout: directory,
      cache: join(directory, 'cache'),
      node: join(directory, 'node'),
      helper: join(directory, 'helper'),
      libraries: [],
    },
    progress: new Progress(() => undefined),
  });
}

test('the same inputs give the same image in another directory, on another day', async () => {
  await using one = await mkdtempDisposable(join(tmpdir(), 'pack-test-'));
  await using other = await mkdtempDisposable(join(tmpdir(), 'pack-test-elsewhere-'));
  await makeInputs(one.path, new Date('2026-01-01'));
  await makeInputs(other.path, new Date('2027-02-03'));

  const image = await packIn(one.path);

  expect(image.layers.map((layer) => layer.name)).toEqual([
    'base',
    'node',
    'kernel',
    'qemu',
    'helper',
    'program',
    'payload',
  ]);
  expect(await packIn(other.path)).toEqual(image);
  expect(await packIn(one.path)).toEqual(image);
  expect((await readdir(one.path)).toSorted()).toEqual(['apps', 'components', 'helper', 'image', 'node']);
});

test('the image contains the payload and a program that runs', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pack-test-'));
  await makeInputs(directory.path, new Date());
  const root = join(directory.path, 'root');
  await mkdir(root);

  const image = await packIn(directory.path);

  const blob = (digest: string): string => join(directory.path, 'image/blobs', digest.replace(':', '/'));
  for (const { name, digest } of image.layers) {
    const bytes = await readFile(blob(digest));
    const input = ['kernel', 'qemu'].includes(name) ? bytes : zstdDecompressSync(bytes);
    await execa('tar', ['--extract', '--no-same-owner', '--directory', root], { input });
  }
  const { stdout: paths } = await execa('find', ['.', '-not', '-type', 'd'], { cwd: root });
  expect(paths.split('\n').toSorted()).toEqual([
    './etc/group',
    './etc/nsswitch.conf',
    './etc/passwd',
    './opt/kata-artifacts/payload.json',
    './opt/kata-artifacts/tarballs/kata-static-kernel.tar.zst',
    './opt/kata-artifacts/tarballs/kata-static-qemu.tar.zst',
    './usr/bin/kata-deploy',
    './usr/bin/kata-helper',
    './usr/bin/node',
    './usr/lib/kata-deploy/main.mjs',
  ]);
  const { stdout } = await execa(process.execPath, [join(root, 'usr/bin/kata-deploy')]);
  expect(stdout).toBe('I am a function');
  const payload: unknown = JSON.parse(await readFile(join(root, 'opt/kata-artifacts/payload.json'), 'utf8'));
  expect(payload).toMatchObject({
    schema: 1,
    version: '3.24.0',
    architecture: 'amd64',
    components: [
      { name: 'kernel', entries: [{ kind: 'file', path: 'share/kernel', mode: 0o644, size: 6 }] },
      { name: 'qemu', entries: [{ kind: 'file', path: 'share/qemu', mode: 0o644, size: 4 }] },
    ],
  });
  expect(JSON.parse(await readFile(blob(image.digest), 'utf8'))).toMatchObject({
    annotations: {
      'org.opencontainers.image.version': '3.24.0',
      'io.katacontainers.payload': image.payload,
    },
  });
});

test('a directory that is not an image layout is not replaced', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pack-test-'));
  await makeInputs(directory.path, new Date());
  await mkdir(join(directory.path, 'image'));
  await writeFile(join(directory.path, 'image/thesis.txt'), 'years of work');

  await expect(packIn(directory.path)).rejects.toMatchObject({ code: 'KATA_ARTIFACTS_OUTPUT' });
});

test('a program that cannot be bundled leaves no image', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pack-test-'));
  await makeInputs(directory.path, new Date());
  await writeFile(join(directory.path, 'apps/deploy/greeting.ts'), 'export {};\n');

  await expect(packIn(directory.path)).rejects.toMatchObject({ code: 'KATA_ARTIFACTS_BUNDLE' });

  expect(await readdir(directory.path)).not.toContain('image');
});
