import { chmod, mkdir, mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { buildInCopy } from './build-in-copy.ts';

/** A module with two folders, and a program `go` that knows where it is. */
async function makeModule(directory: string): Promise<void> {
  await mkdir(join(directory, 'module/manifests'), { recursive: true });
  await mkdir(join(directory, 'module/source'));
  await writeFile(join(directory, 'module/manifests/one.yaml'), 'one');
  await writeFile(join(directory, 'module/source/signal_darwin.go'), 'signal');
  const go = `#!/bin/sh
case "$1 $2" in
  'env GOVERSION') echo go1.26.8 ;;
  'list -m') echo '${join(directory, 'module')}' ;;
  'mod download') test "$3" = example.org/module ;;
  *) exit 1 ;;
esac
`;
  await mkdir(join(directory, 'bin'));
  await writeFile(join(directory, 'bin/go'), go);
  await chmod(join(directory, 'bin/go'), 0o755);
}

/** Returns the exit code. */
async function build(directory: string, script: string): Promise<number | undefined> {
  const copy = {
    module: 'example.org/module',
    files: { 'source/signal_linux.go': 'source/signal_darwin.go', 'dist/app/x': 'manifests/one.yaml' },
    keep: 'manifests',
  };
  const [program = '', ...words] = buildInCopy(copy, join(directory, 'output'), ['sh', '-c', script]);
  const path = `${join(directory, 'bin')}:${process.env['PATH']}`;
  const { exitCode } = await execa(program, words, { env: { PATH: path }, reject: false });
  return exitCode;
}

test('the build finds the missing files, and only its result and the kept folder stay', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'copy-'));
  await makeModule(directory.path);

  const exitCode = await build(
    directory.path,
    'cat source/signal_linux.go dist/app/x > ../tool; echo "$GOTOOLCHAIN" >> ../tool',
  );

  expect(exitCode).toBe(0);
  const output = join(directory.path, 'output');
  expect((await readdir(output, { recursive: true })).toSorted()).toEqual([
    'manifests',
    'manifests/one.yaml',
    'tool',
  ]);
  expect(await readFile(join(output, 'tool'), 'utf8')).toBe('signalonego1.26.8\n');
  expect(await readdir(join(directory.path, 'module/source'))).toEqual(['signal_darwin.go']);
});

test('the exit code is that of a failed build', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'copy-'));
  await makeModule(directory.path);

  expect(await build(directory.path, 'exit 7')).toBe(7);
});
