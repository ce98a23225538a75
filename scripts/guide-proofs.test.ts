/** Each test that a guide names exists, and the guides are complete. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hasTest, namedTests } from './guide-proofs.ts';

const repository = join(import.meta.dirname, '..');

function read(file: string): string {
  const path = join(repository, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

const guides = ['docs/guides/from-lifecycle-manager.md', 'docs/guides/seeds.md'];

test.each(guides)('%s names only tests that exist', (guide) => {
  const named = namedTests(read(guide));

  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ file, title }) => !hasTest(read(file), title))).toEqual([]);
});

test('a title that is not there, and a file that is not there, are noticed', () => {
  const source = `test('one', () => {}); test("the seed's", () => {});`;

  expect(['one', "the seed's", 'on'].map((title) => hasTest(source, title))).toEqual([true, true, false]);
  expect(namedTests('`a/b.test.ts`: “one”; `c.ts`: “two”')).toEqual([
    { file: 'a/b.test.ts', title: 'one' },
    { file: 'c.ts', title: 'two' },
  ]);
  expect(hasTest(read('no/such.test.ts'), 'one')).toBe(false);
});

describe('the defects of lifecycle-manager', () => {
  test('have a line each, with a test', () => {
    const lines = read('docs/guides/from-lifecycle-manager.md')
      .split('\n')
      .filter((line) => /^\| G\d+ \|/.test(line));

    expect(lines.map((line) => line.split(' | ')[0])).toEqual(
      Array.from({ length: 28 }, (_, i) => `| G${i + 1}`),
    );
    expect(lines.filter((line) => namedTests(line).length === 0)).toEqual([]);
  });
});
