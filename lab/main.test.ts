import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';

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

function listCommands(help: string): readonly string[] {
  const section = /^Commands:\n((?: .*\n)+)/m.exec(help)?.[1] ?? '';
  return [...section.matchAll(/^ {2}(\w+)/gm)]
    .map((match) => match[1] ?? '')
    .filter((name) => name !== 'help');
}

test('the help of every command has a usage line and an example', { timeout: 60_000 }, async () => {
  const top = (await lab('--help')).stdout;
  const under = await Promise.all(
    listCommands(top).map(async (command) => ({ command, help: await lab(command, '--help') })),
  );
  const nodeHelp = under.find(({ command }) => command === 'node')?.help.stdout ?? '';
  const underNode = await Promise.all(
    listCommands(nodeHelp).map(async (command) => ({ command, help: await lab('node', command, '--help') })),
  );

  expect(under.map(({ command }) => command).toSorted()).toEqual(
    [
      'build',
      'down',
      'exec',
      'helm',
      'kubeconfig',
      'kubectl',
      'load',
      'logs',
      'node',
      'payload',
      'publish',
      'status',
      'up',
    ].toSorted(),
  );
  expect(underNode.map(({ command }) => command).toSorted()).toEqual(['add', 'kill', 'start', 'stop']);
  for (const { help } of [...under, ...underNode]) {
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toMatch(/^Usage: lab [\s\S]*\n\nExamples?:\n {2}.*\blab /);
  }
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
