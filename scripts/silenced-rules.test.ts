import { expect, test } from 'vitest';
import { findSilencedRules } from './silenced-rules.ts';

// Concatenated, so that this file silences nothing itself.
const begin = '//';

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
  const found = findSilencedRules('a.ts', `const a = 1;\n  ${begin} ${comment}\n`);

  expect(found).toEqual([{ path: 'a.ts', line: 2, comment: comment.trimEnd(), reason }]);
});

test('other comments are not counted', () => {
  expect(findSilencedRules('a.ts', `${begin} It cannot be disabled.\nconst text = '@ts-ignore';\n`)).toEqual(
    [],
  );
});
