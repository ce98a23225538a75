import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../bin/kata-lifecycle');

test('the help shows what is planned and what works today', async () => {
  const { exitCode, stdout } = await execa(program, ['--help']);

  expect(exitCode).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: kata-lifecycle --help

    Upgrades Kata Containers on a fleet node by node or in waves, verifies each node
    and rolls back by itself; through Argo Workflows or without it.

    Nothing of this is implemented yet: every command ends with exit code 2. The
    lab, a real cluster on one machine, works today: bin/lab --help

    Options:
      -h, --help  display help for command"
  `);
});

test.each([[], ['anything'], ['--version'], ['a', 'b', '--c=d']])('%j is refused', async (...words) => {
  const { exitCode, stdout, stderr } = await execa(program, words, { reject: false });

  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'kata-lifecycle: no command is implemented yet; see kata-lifecycle --help',
  });
});
