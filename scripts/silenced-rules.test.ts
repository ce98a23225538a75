import { expect, test } from 'vitest';
import { parseSource } from './parse-source.ts';
import { findSilencedRules, type SilencedRule } from './silenced-rules.ts';

function silencedIn(text: string): readonly SilencedRule[] {
  return findSilencedRules('a.ts', parseSource('a.ts', text).comments);
}

test.each([
  {
    comment: 'oxlint-disable-next-line no-console -- the only way out of here',
    reason: 'the only way out of here',
  },
  { comment: 'oxlint-disable-next-line no-console', reason: '' },
  { comment: 'oxlint-disable no-console -- ', reason: '' },
  { comment: 'eslint-disable-line no-console -- because', reason: 'because' },
  { comment: '@ts-expect-error the types of x lag behind', reason: 'the types of x lag behind' },
  { comment: '@ts-expect-error', reason: '' },
  { comment: '@ts-ignore: why', reason: 'why' },
])('$comment', ({ comment, reason }) => {
  const found = silencedIn(`const a = 1;\n  // ${comment}\n`);

  expect(found).toEqual([{ path: 'a.ts', line: 2, comment: comment.trimEnd(), reason }]);
});

test.each([
  { comment: '/*\n  oxlint-disable no-console */', line: 2, read: 'oxlint-disable no-console' },
  { comment: '/* oxlint-disable\n  no-console\n*/', line: 1, read: 'oxlint-disable no-console' },
  { comment: '/**\n * @ts-ignore\n */', line: 2, read: '@ts-ignore' },
  { comment: '/// @ts-nocheck', line: 1, read: '@ts-nocheck' },
])('a comment over several lines needs a reason, too: $comment', ({ comment, line, read }) => {
  expect(silencedIn(`${comment}\n`)).toEqual([{ path: 'a.ts', line, comment: read, reason: '' }]);
});

test('a reason may be on the next line of the comment', () => {
  expect(silencedIn('/*\n * oxlint-disable no-console\n * -- the only way out */\n')).toMatchObject([
    { reason: 'the only way out' },
  ]);
});

test('other comments are not counted', () => {
  expect(silencedIn(`// It cannot be disabled.\nconst text = '// @ts-ignore';\n`)).toEqual([]);
});
