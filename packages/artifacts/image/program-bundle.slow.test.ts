import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { bundleMain, bundleProgram } from './program-bundle.ts';

test('kata-deploy loads little before it has parsed its command, so that --help is fast', async () => {
  const files = await bundleProgram(join(import.meta.dirname, '../../..'));
  const contents = new Map(files.map((file) => [file.name, file.content]));
  const read = new Set<string>();
  const waiting = [bundleMain];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (read.has(name)) continue;
    read.add(name);
    const text = Buffer.from(contents.get(name) ?? '').toString();
    waiting.push(...[...text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)].map((match) => match[1] ?? ''));
  }

  const size = (names: Iterable<string>): number =>
    [...names].reduce((sum, name) => sum + (contents.get(name)?.length ?? 0), 0);
  expect(read.size).toBeGreaterThan(1);
  expect(size(read)).toBeLessThan(120_000);
  expect(size(contents.keys())).toBeGreaterThan(3_000_000);
});

test('no file but the client for KUBECONFIG imports node:http, which would load undici', async () => {
  const files = await bundleProgram(join(import.meta.dirname, '../../..'));

  const importing = files.filter(({ content }) =>
    /from ?"(node:)?http"/.test(Buffer.from(content).toString()),
  );
  expect(importing.map(({ name }) => name.replace(/-.*/, ''))).toEqual(['kubeconfig']);
});

test('the bundle of kata-lifecycle loads all that its steps import', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'bundle-'));
  const files = await bundleProgram(join(import.meta.dirname, '../../..'), 'apps/lifecycle/main.ts');
  for (const { name, content } of files) await writeFile(join(directory.path, name), content);

  const argv = [join(directory.path, bundleMain), 'step', 'prepare', '--workflow=w1', '--run=r1'];
  const { exitCode, stderr } = await execa(process.execPath, argv, { reject: false });

  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringContaining('kata-lifecycle: "r1" does not name a run') as string,
  });
});
