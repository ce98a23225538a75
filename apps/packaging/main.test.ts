import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { packLayer } from '@kata/oci';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../bin/kata-packaging');

test('the help of every command has a description and an example', async () => {
  const top = await execa(program, ['--help']);
  const payload = await execa(program, ['payload', '--help']);
  const lifecycle = await execa(program, ['lifecycle', '--help']);
  const charts = await execa(program, ['charts', '--help']);

  for (const { stdout } of [top, payload, lifecycle, charts]) {
    expect(stdout).toMatch(/^Usage: kata-packaging [\s\S]*\n\nExamples?:\n {2}kata-packaging /);
  }
});

test.each([
  { words: ['paylod'], line: /Did you mean payload\?/ },
  { words: ['payload'], line: /required option '--components <folder>' not specified/ },
  {
    words: ['payload', '--architecture', 'x86_64'],
    line: /Allowed choices are amd64, arm64, ppc64le, s390x/,
  },
  { words: ['payload', '--zstd-level', '20'], line: /'20' is invalid\. Give a number from 1 to 19\./ },
])('$words is refused as wrong usage', async ({ words, line }) => {
  const { exitCode, stdout, stderr } = await execa(program, words, { reject: false });

  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(line);
});

test('a directory without components is named', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'packaging-test-'));
  const words = ['payload', '--components', directory.path, '--version', '3.24.0', '--output', 'image'];

  const { exitCode, stderr } = await execa(program, words, { reject: false, cwd: directory.path });

  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: `kata-packaging: there are no component archives in ${directory.path}
  next: give a directory with files named kata-static-<component>.tar.zst`,
  });
  expect(await readdir(directory.path)).toEqual([]);
});

test('components are packed into an image layout', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'packaging-test-'));
  const layer = await packLayer([
    { kind: 'file', path: './opt/kata/bin/qemu', content: Buffer.from('qemu'), mode: 0o755 },
  ]);
  await writeFile(join(directory.path, 'kata-static-qemu.tar.zst'), zstdCompressSync(layer));
  await writeFile(join(directory.path, 'main.ts'), 'process.exit(0);\n');
  const sources = ['--program', 'main.ts', '--node', '/bin/sh', '--helper', '/bin/sh'];
  const words = ['payload', '--components', '.', '--version', '3.24.0', '--output', 'image', ...sources];

  const { stdout, stderr } = await execa(
    program,
    [...words, '--output-format', 'json', '--progress', 'json'],
    { cwd: directory.path },
  );

  expect(JSON.parse(stdout)).toMatchObject({
    output: join(directory.path, 'image'),
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown,
    payload: expect.stringMatching(/^3\.24\.0-[0-9a-f]{8}$/) as unknown,
  });
  const events = stderr
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly kind: string; readonly task?: string });
  expect(events.flatMap(({ kind, task }) => (kind === 'task.done' ? [task] : []))).toEqual([
    'reading components',
    'bundling the program',
    'writing the image',
  ]);
});
