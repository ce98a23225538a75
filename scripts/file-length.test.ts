import { expect, test } from 'vitest';
import { findLongFiles } from './file-length.ts';

const lines = (count: number): string => 'a\n'.repeat(count);

test('a file of more than 300 lines is reported with its length, also a test', () => {
  const files = [
    { path: 'packages/core/a.ts', text: lines(300) },
    { path: 'packages/core/b.ts', text: lines(301) },
    { path: 'tests/cluster/c.test.ts', text: lines(400) },
    { path: 'charts/d.yaml', text: lines(500) },
  ];

  expect(findLongFiles(files)).toEqual([
    'packages/core/b.ts has 301 lines; at most 300 are allowed',
    'tests/cluster/c.test.ts has 400 lines; at most 300 are allowed',
  ]);
});
