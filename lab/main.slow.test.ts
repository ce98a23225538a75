import { join } from 'node:path';
import type { Command } from 'commander';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { makeProgram } from './program.ts';

interface Answer {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

async function lab(...words: readonly string[]): Promise<Answer> {
  const { exitCode, stdout, stderr } = await execa(join(import.meta.dirname, '../bin/lab'), words, {
    reject: false,
  });
  return { exitCode, stdout, stderr };
}

const program = await makeProgram(readConfig({}));

const names = (command: Command): readonly string[] => command.commands.map((each) => each.name()).toSorted();

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

test('the help of every command has a usage line and an example', () => {
  const node = program.commands.find((each) => each.name() === 'node') ?? program;
  expect(names(program)).toEqual([
    ...['argo', 'build', 'down', 'exec', 'helm', 'kubeconfig', 'kubectl', 'load', 'logs', 'node', 'payload'],
    ...['publish', 'status', 'up'],
  ]);
  expect(names(node)).toEqual(['add', 'kill', 'start', 'stop']);
  for (const command of [...program.commands, ...node.commands]) {
    expect(helpOf(command)).toMatch(/^Usage: lab [\s\S]*\n\nExamples?:\n {2}.*\blab /);
  }
});

test('the help of the program, and of one command that is loaded alone', async () => {
  expect(await lab('--help')).toMatchObject({ exitCode: 0, stdout: helpOf(program).trimEnd(), stderr: '' });
  expect((await lab('node', 'stop', '--help')).stdout).toMatch(/^Usage: lab node stop /);
});

test.concurrent.each([['kubectl'], ['helm']])(
  'lab %s has its own help, before any other word',
  async (name) => {
    const { exitCode, stdout } = await lab(name, '--help');

    expect({ exitCode, usage: stdout.split('\n')[0] }).toEqual({
      exitCode: 0,
      usage: `Usage: lab ${name} [options] [arguments...]`,
    });
  },
);

test.concurrent.each([
  ['kubectl', 'get', '--help'],
  ['kubectl', '-n', 'kube-system', 'exec', 'pod', '--', 'kata-deploy', '--help'],
  ['kubectl', '--namespace=kube-system', '-h'],
  ['helm', '--namespace', 'kube-system', 'status', '--help'],
  ['exec', 'n1', '--', 'kata-deploy', '--help'],
])('lab %s %s %s … passes --help on', async (name, ...words) => {
  const { stdout, stderr } = await lab(name, '--name', 'not-there', ...words);

  expect({ stdout, stderr }).toEqual({
    stdout: '',
    stderr: 'lab: lab "not-there" does not exist\n  next: create it: lab up --name not-there',
  });
});

test.concurrent.each([
  { words: ['stauts'], nearest: 'status' },
  { words: ['dwon'], nearest: 'down' },
  { words: ['node', 'strat'], nearest: 'start' },
  { words: ['up', '--enigne', 'x'], nearest: '--engine' },
])('for $words the error suggests $nearest', async ({ words, nearest }) => {
  const { exitCode, stdout, stderr } = await lab(...words);

  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(`(Did you mean ${nearest}?)`);
});

test.concurrent.each([
  { words: [], line: /^Usage: lab / },
  { words: ['up', '--nodes', '0'], line: /^lab: --nodes must be a number from 1 to 50, not "0"$/m },
  { words: ['up', '--engine', 'docker'], line: /^lab: unknown container runtime "docker"$/m },
  { words: ['status', '--output', 'xml'], line: /Allowed choices are text, json/ },
  { words: ['status', '--name', 'A'], line: /^lab: "A" is not a valid lab name/m },
  { words: ['exec', 'n1'], line: /missing required argument 'command'/ },
])('$words is a usage error', async ({ words, line }) => {
  const { exitCode, stdout, stderr } = await lab(...words);

  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(line);
});
