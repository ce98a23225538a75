/** The guides name only existing commands, options and error codes. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { fieldList } from '@kata/settings/model';
import { expect, test } from 'vitest';
import { makeProgram } from './program.ts';

const repository = join(import.meta.dirname, '../..');
const guides = globSync(['README.md', 'docs/guides/*.md', 'charts/*/README.md'], { cwd: repository });
const program = makeProgram();
const sources = globSync('{packages,apps,lab}/**/*.ts', { cwd: repository })
  .filter((path) => !path.includes('node_modules') && !path.endsWith('.test.ts'))
  .map((path) => readFileSync(join(repository, path), 'utf8'))
  .join('\n');

/** Variables that the chart sets from its values. */
const ofChart = fieldList.flatMap(([, { variable, value }]) =>
  value === undefined ? [] : [{ variable, value }],
);

/** Of code blocks and code spans; a backslash continues a line. */
function codeOf(text: string): readonly string[] {
  const joined = text.replaceAll(/\\\n\s*/g, ' ');
  const blocks = joined.split('\n').filter((line) => line.startsWith('    '));
  const spans = [...joined.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? '');
  return [...blocks, ...spans];
}

/** The words after each `kata-deploy` that begins a command, up to a pipe, a comment or the end. */
function commandsIn(text: string): readonly (readonly string[])[] {
  return codeOf(text).flatMap((code) =>
    [...code.matchAll(/(?:^\s*|-- |bin\/|[A-Z]=\S+ |: )kata-deploy ([^|#\n;&"]*)/g)].map(([, words]) =>
      (words ?? '').trim().split(/\s+/).filter(Boolean),
    ),
  );
}

/** Undefined when the program would accept it. */
function findProblem(words: readonly string[]): string | undefined {
  let command: Command = program;
  for (const [i, word] of words.entries()) {
    const [name = ''] = word.split('=');
    if (name.startsWith('--')) {
      const options = [...command.options, ...program.options];
      if (name !== '--help' && !options.some(({ long }) => long === name)) return `no option ${name}`;
      continue;
    }
    const sub = command.commands.find((each) => each.name() === word);
    if (sub !== undefined) command = sub;
    else if (i === 0) return `no command ${word}`;
  }
  return undefined;
}

test.each(guides)('%s names only existing commands and options', (guide) => {
  const text = readFileSync(join(repository, guide), 'utf8');
  const wrong = commandsIn(text)
    .map((words) => [words.join(' '), findProblem(words)])
    .filter(([, problem]) => problem !== undefined);

  expect(wrong).toEqual([]);
});

test.each(guides)('%s names only existing codes', (guide) => {
  const text = readFileSync(join(repository, guide), 'utf8');
  const codes = [...new Set(text.match(/\bKATA_[A-Z][A-Z_]*[A-Z]\b/g))];

  expect(codes.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
});

test.each(guides)('%s links to existing sections', (guide) => {
  const text = readFileSync(join(repository, guide), 'utf8');
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));
  const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor ?? '');

  expect(links.filter((anchor) => !anchors.includes(anchor))).toEqual([]);
});

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

test('a hint that names a variable names the chart value, too', () => {
  const advice = sources.split('\n').filter((line) => /\b(?:hint|next)\b/.test(line));
  const wrong = ofChart.flatMap(({ variable, value }) =>
    advice.filter((line) => new RegExp(`\\b${variable}\\b`).test(line) && !line.includes(value)),
  );

  expect(wrong).toEqual([]);
});

test('an unknown command, option and code are noticed', () => {
  const found = commandsIn(
    '`kata-deploy undo`, `kata-deploy cleanup --all`, `kata-deploy releases prune --dry-run`',
  );

  expect(found.map(findProblem)).toEqual(['no command undo', 'no option --all', undefined]);
});
