import { createHash } from 'node:crypto';
import { mkdir, mkdtempDisposable, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { packCharts } from './pack-charts.ts';

const files = {
  'templates/b.yaml': 'b: 1\n',
  'values.yaml': 'a: 1\n',
  'Chart.yaml': 'apiVersion: v2\nname: to be set\n# kept\nversion: 0.0.0\nappVersion: 0.0.0\n',
};

async function makeCheckout(checkout: string, modified: Date): Promise<void> {
  for (const chart of ['kata-deploy', 'kata-lifecycle-manager']) {
    for (const [path, content] of Object.entries(files)) {
      const file = join(checkout, 'charts', chart, path);
      await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, content);
      await utimes(file, modified, modified);
    }
  }
}

async function digests(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).toSorted();
  return await Promise.all(
    names.map(async (name) => {
      const digest = createHash('sha256').update(await readFile(join(folder, name)));
      return `${name} ${digest.digest('hex')}`;
    }),
  );
}

test('each chart is packed under its names, with the version in both fields', async () => {
  await using checkout = await mkdtempDisposable(join(tmpdir(), 'pack-charts-'));
  await makeCheckout(checkout.path, new Date());
  const output = join(checkout.path, 'output');

  const packed = await packCharts({ checkout: checkout.path, version: '3.25.0', output });

  expect(packed.map(({ name }) => name)).toEqual(['kata-deploy', 'kata-lifecycle-manager', 'kata-upgrade']);
  expect((await readdir(output)).toSorted()).toEqual(
    packed.map(({ name }) => `${name}-3.25.0.tgz`).toSorted(),
  );
  for (const { name, file } of packed) {
    const list = await execa('tar', ['--list', '--file', file]);
    expect(list.stdout.split('\n')).toEqual([
      ...[`${name}/Chart.yaml`, `${name}/templates/b.yaml`, `${name}/values.yaml`],
    ]);
    const { stdout } = await execa('tar', ['--extract', '--to-stdout', '--file', file, `${name}/Chart.yaml`]);
    expect(stdout).toBe(`apiVersion: v2\nname: ${name}\n# kept\nversion: 3.25.0\nappVersion: 3.25.0`);
  }
});

test('the same content gives the same archives, in any folder and at any time', async () => {
  await using one = await mkdtempDisposable(join(tmpdir(), 'pack-charts-'));
  await using other = await mkdtempDisposable(join(tmpdir(), 'pack-charts-'));
  await makeCheckout(one.path, new Date('2026-01-01'));
  await makeCheckout(other.path, new Date('2027-02-03'));
  const outputs = [one, other].map(({ path }) => join(path, 'output'));

  for (const [index, { path }] of [one, other].entries()) {
    await packCharts({ checkout: path, version: '3.25.0', output: outputs[index] ?? '' });
  }

  expect(await digests(outputs[0] ?? '')).toEqual(await digests(outputs[1] ?? ''));
});
