import { mkdir, mkdtempDisposable, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { Progress } from '@kata/report';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { ImageOfLayers } from './installer-image.ts';
import { packLifecycle } from './lifecycle-image.ts';

async function makeInputs(directory: string, modified: Date): Promise<void> {
  const files = {
    'apps/lifecycle/main.ts': "process.stdout.write('I am kata-lifecycle');\n",
    node: 'node\n',
    helm: 'helm\n',
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(directory, path, '..'), { recursive: true });
    await writeFile(join(directory, path), content, { mode: 0o600 });
    await utimes(join(directory, path), modified, modified);
  }
}

async function packIn(directory: string): Promise<ImageOfLayers> {
  return await packLifecycle({
    ...{ version: '3.25.0', architecture: 'amd64' },
    helm: join(directory, 'helm'),
    output: join(directory, 'image'),
    sources: {
      checkout: directory,
      cache: join(directory, 'cache'),
      node: join(directory, 'node'),
      libraries: [],
    },
    progress: new Progress(() => undefined),
  });
}

test('the same inputs give the same image, in any folder and at any time', async () => {
  await using one = await mkdtempDisposable(join(tmpdir(), 'lifecycle-image-'));
  await using other = await mkdtempDisposable(join(tmpdir(), 'lifecycle-image-'));
  await makeInputs(one.path, new Date('2026-01-01'));
  await makeInputs(other.path, new Date('2027-02-03'));

  const image = await packIn(one.path);

  expect(image.layers.map(({ name }) => name)).toEqual(['base', 'node', 'helm', 'program']);
  expect(await packIn(other.path)).toEqual(image);
  expect(await packIn(one.path)).toEqual(image);
});

test('the image has the program, Node, Helm and certificates; it starts without root', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'lifecycle-image-'));
  await makeInputs(directory.path, new Date());
  const root = join(directory.path, 'root');
  await mkdir(root);

  const image = await packIn(directory.path);

  const readBlob = async (digest: string): Promise<Buffer> =>
    await readFile(join(directory.path, 'image/blobs', digest.replace(':', '/')));
  for (const { digest } of image.layers) {
    const input = zstdDecompressSync(await readBlob(digest));
    await execa('tar', ['--extract', '--no-same-owner', '--directory', root], { input });
  }
  const { stdout: paths } = await execa('find', ['.', '-not', '-type', 'd'], { cwd: root });
  expect(paths.split('\n').toSorted()).toEqual([
    ...['./etc/group', './etc/nsswitch.conf', './etc/passwd', './etc/ssl/certs/ca-certificates.crt'],
    ...['./usr/bin/helm', './usr/bin/kata-lifecycle', './usr/bin/node', './usr/lib/kata-lifecycle/main.mjs'],
  ]);
  const { stdout } = await execa(process.execPath, [join(root, 'usr/bin/kata-lifecycle')]);
  expect(stdout).toBe('I am kata-lifecycle');
  expect(await readFile(join(root, 'etc/ssl/certs/ca-certificates.crt'), 'utf8')).toMatch(
    /^(-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n){50,}$/,
  );
  const manifest = JSON.parse(String(await readBlob(image.digest))) as {
    readonly config: { readonly digest: string };
  };
  const { config } = JSON.parse(String(await readBlob(manifest.config.digest))) as {
    readonly config: object;
  };
  expect(config).toMatchObject({ Entrypoint: ['/usr/bin/kata-lifecycle'], User: '65532:65532' });
});
