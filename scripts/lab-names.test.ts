import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSourceFiles } from './source-files.ts';

/** Files of tests run side by side, and a lab removes an earlier one of its name. */
test('no two files of tests use the same lab', async () => {
  const files = await readSourceFiles(join(import.meta.dirname, '..'));
  const users = new Map<string, string[]>();
  for (const { path, text } of files.filter((file) => file.path.startsWith('tests/'))) {
    for (const [, name = ''] of text.matchAll(/new LabDriver\('([^']+)'\)/g)) {
      users.set(name, [...(users.get(name) ?? []), path]);
    }
  }

  const shared = [...users].filter(([, paths]) => paths.length > 1);

  expect(users.size).toBeGreaterThan(10);
  expect(shared).toEqual([]);
});
