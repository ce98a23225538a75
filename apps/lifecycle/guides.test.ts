/** The guides name only existing commands and options of kata-lifecycle. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { makeProgram } from './program.ts';

const repository = join(import.meta.dirname, '../..');
const guides = globSync(['README.md', 'docs/guides/*.md', 'charts/*/README.md'], { cwd: repository });
const program = makeProgram();

/** The words after each `kata-lifecycle` in a code block or a code span, up to a comment, a pipe or the end. */
function commandsIn(text: string): readonly (readonly string[])[] {
  const blocks = text.split('\n').filter((line) => line.startsWith('    '));
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? '');
  return [...blocks, ...spans].flatMap((code) =>
    [...code.matchAll(/^\s*(?:bin\/)?kata-lifecycle ([^|#\n;&"]*)/g)].map(([, words]) =>
      (words ?? '').trim().split(/\s+/),
    ),
  );
}

/** Undefined when the program has it. */
function findProblem(words: readonly string[]): string | undefined {
  let command: Command = program;
  for (const [i, word] of words.entries()) {
    if (word.startsWith('--')) {
      const options = [...command.options, ...program.options];
      if (word !== '--help' && !options.some(({ long }) => long === word)) return `no option ${word}`;
      continue;
    }
    const sub = command.commands.find((each) => each.name() === word);
    if (sub !== undefined) command = sub;
    else if (i === 0) return `no command ${word}`;
  }
  return undefined;
}

test.each(guides)('%s names only existing commands and options', (guide) => {
  const wrong = commandsIn(readFileSync(join(repository, guide), 'utf8'))
    .map((words) => [words.join(' '), findProblem(words)])
    .filter(([, problem]) => problem !== undefined);

  expect(wrong).toEqual([]);
});

test('the guide of upgrades has commands; an unknown one, and an unknown option, are noticed', () => {
  const guide = readFileSync(join(repository, 'docs/guides/upgrade-a-cluster.md'), 'utf8');

  expect(commandsIn(guide).length).toBeGreaterThan(8);
  expect(commandsIn('`kata-lifecycle undo n1`, `kata-lifecycle status --follow`').map(findProblem)).toEqual([
    'no command undo',
    'no option --follow',
  ]);
});
