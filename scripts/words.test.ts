import { expect, test } from 'vitest';
import { compileWords, findRefusedWords } from './words.ts';

const found = (path: string, text: string): readonly string[] =>
  findRefusedWords(path, text).map((each) => `${each.line} ${each.found}`);

test.each([
  { path: 'docs/guides/a.md', text: 'The release\nin Force is kept.\n', lines: ['2 in Force'] },
  { path: 'docs/guides/a.md', text: 'what is in\nforce\n', lines: ['1 in force'] },
  { path: 'docs/guides/a.md', text: 'Run `ls in force`.\n\n    in force\n\n```\nin force\n```\n', lines: [] },
  { path: 'docs/guides/a.md', text: '[this](a-in-force/b.md), kata-by-hand.ts, reinforced\n', lines: [] },
  {
    path: 'packages/a/b.ts',
    text: "const a = 'it is in force'; // by hand\n",
    lines: ['1 in force', '1 by hand'],
  },
  {
    path: 'packages/a/b.ts',
    text: 'const a = b / c; const d = `${`x ${{}}`} in force ${e}`;\n',
    lines: ['1 in force'],
  },
  { path: 'packages/a/b.ts', text: "const beside = split(/['`]/, 'beside'); // `beside`\n", lines: [] },
  { path: 'packages/a/b.ts', text: '/**\n * What a\n * person has.\n */\n', lines: ['2 a person'] },
  { path: 'charts/a/values.yaml', text: 'a: 1 # by\n# hand\nby: hand\n', lines: ['1 by hand'] },
  {
    path: 'packages/a/helper/b.c',
    text: '/* by hand */ \n puts("took too long");\n',
    lines: ['1 by hand', '2 took too long'],
  },
])('$path: $text', ({ path, text, lines }) => {
  expect(found(path, text)).toEqual(lines);
});

test.each([
  { path: 'docs/guides/a.md', text: 'The engine answers.', lines: ['1 engine'] },
  { path: 'docs/decisions/a.md', text: 'The engine answers.', lines: [] },
  {
    path: 'packages/a/b.ts',
    text: "throw new Error('the engine is away'); // The engine.",
    lines: ['1 engine'],
  },
  { path: 'packages/a/b.test.ts', text: "test('the engine is away');", lines: [] },
  { path: 'packages/a/testkit/b.ts', text: "throw new Error('the engine is away');", lines: [] },
])('a word of our code is refused only in what users read: $path: $text', ({ path, text, lines }) => {
  expect(found(path, text)).toEqual(lines);
});

test('each finding has the word to write', () => {
  expect(findRefusedWords('README.md', 'the release in force')).toEqual([
    { path: 'README.md', line: 1, found: 'in force', write: 'active' },
  ]);
});

test('an exempt line is ignored, in its file only', () => {
  const exempt = [{ path: 'a.md', line: 'the law in force', reason: 'a term of lawyers' }];
  const patterns = compileWords([{ phrase: 'in force', write: 'active', exempt }]);
  const text = 'the law in force\nthe release in force\n';
  const linesOf = (path: string): readonly number[] =>
    findRefusedWords(path, text, patterns).map(({ line }) => line);

  expect([linesOf('a.md'), linesOf('b.md')]).toEqual([[2], [1, 2]]);
});
