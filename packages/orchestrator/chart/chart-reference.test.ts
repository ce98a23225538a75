import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderChartReference } from './chart-reference.ts';

const file = join(import.meta.dirname, '../../../charts/kata-lifecycle-manager/values.yaml');
const values = readFileSync(file, 'utf8');
const rows = renderChartReference(values)
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(' | '));

test('each parameter and each value has a meaning', () => {
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((cells) => cells.at(-1)?.replace(' |', '').trim() === '')).toEqual([]);
});

test('each value of the chart has a row', () => {
  const names = rows.map(([name]) => name?.slice(3, -1));
  const { defaults, ...others } = parse(values) as Readonly<Record<string, object>>;

  const expected = [...Object.keys(others), ...Object.keys(defaults ?? {}).map((name) => `defaults.${name}`)];
  for (const name of expected) {
    expect(names.some((one) => one === name || one?.startsWith(`${name}.`) === true)).toBe(true);
  }
});

test('a value that has no comment is noticed, and maps are written out', () => {
  const page = renderChartReference('a: 1\n# one\nb:\n  # first\n  c: x\n  # second\n  d: [1]\n');

  expect(page).toContain('| `a` | `1` |  |');
  expect(page).toContain('| `b` |  | one |\n| `b.c` | `x` | first |\n| `b.d` | `[1]` | second |');
});
