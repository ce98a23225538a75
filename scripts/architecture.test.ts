import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const page = await readFile('docs/architecture.md', 'utf8');

test('every file that the architecture page names exists', () => {
  const named = [...page.matchAll(/`([\w./-]+\/[\w.-]+\.\w+)`/g)].map(([, path = '']) => path);

  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

test.each(['One installation', 'One removal'])('%s has about a dozen hops, none of them twice', (title) => {
  const [, section = ''] = page.split(`## ${title}\n`);
  const hops = [...(section.split('\n## ')[0] ?? '').matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path]) => path);

  expect(hops.length).toBeGreaterThan(5);
  expect(hops.length).toBeLessThanOrEqual(12);
  expect(new Set(hops).size).toBe(hops.length);
});
