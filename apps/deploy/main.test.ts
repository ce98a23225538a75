import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../bin/kata-deploy');

test('the help says what is to come, and what works today', async () => {
  const { exitCode, stdout } = await execa(program, ['--help']);

  expect(exitCode).toBe(0);
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: kata-deploy --help

    Installs, upgrades, checks, rolls back and removes Kata Containers on one
    machine: containerd, CRI-O, Docker, k3s, RKE2, k0s, microk8s.

    This version cannot do any of it yet: every command ends with exit code 2. What
    works today is the lab, a real cluster on one machine: bin/lab --help

    Options:
      -h, --help  display help for command"
  `);
});

test.each([[], ['anything'], ['--version'], ['a', 'b', '--c=d']])('%j is refused', async (...words) => {
  const { exitCode, stdout, stderr } = await execa(program, words, { reject: false });

  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'kata-deploy: this version has no commands yet; see kata-deploy --help',
  });
});
