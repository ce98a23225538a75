import { expect, test } from 'vitest';
import { findImportCircles } from './import-circles.ts';

const circlesOf = (graph: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  findImportCircles(Object.entries(graph).map(([path, imports]) => ({ path, imports })));

test('files that import only downwards have no circle', () => {
  expect(
    circlesOf({
      'a/one.ts': ['./two.ts', './deep/three.ts', '@kata/core', 'node:fs'],
      'a/two.ts': ['./deep/three.ts'],
      'a/deep/three.ts': [],
    }),
  ).toEqual([]);
});

test('a circle is reported without the files that only lead to it', () => {
  expect(
    circlesOf({
      'a/main.ts': ['./one.ts'],
      'a/one.ts': ['./deep/two.ts'],
      'a/deep/two.ts': ['../three.ts', './leaf.ts'],
      'a/three.ts': ['./one.ts'],
      'a/deep/leaf.ts': [],
    }),
  ).toEqual(['a/one.ts → a/deep/two.ts → a/three.ts → a/one.ts']);
});

test('each circle is reported', () => {
  expect(
    circlesOf({ 'a.ts': ['./b.ts'], 'b.ts': ['./a.ts'], 'c.ts': ['./d.ts', './a.ts'], 'd.ts': ['./c.ts'] }),
  ).toEqual(['a.ts → b.ts → a.ts', 'c.ts → d.ts → c.ts']);
});

test('a file that imports itself is a circle', () => {
  expect(circlesOf({ 'a.ts': ['./a.ts'] })).toEqual(['a.ts → a.ts']);
});
