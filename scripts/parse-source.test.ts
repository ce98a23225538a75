import { expect, test } from 'vitest';
import { parseSource } from './parse-source.ts';

const importsOf = (text: string): readonly string[] => parseSource('a.ts', text).imports.toSorted();

test.each([
  ["import { a } from 'one';", ['one']],
  ['import {\n  type B,\n} from "two";', ['two']],
  ["import {\n  // it's `not` the end\n  a, /* ' */\n} from 'two';", ['two']],
  ["const a = 1; import 'three';", ['three']],
  ["export * from 'four'; export * as b from 'five'; export { c, d } from 'six';", ['five', 'four', 'six']],
  ["import type { C } from 'six';", ['six']],
  ["export type { C } from 'six';", ['six']],
  ["export {} from 'seven'; export { /* none */ } from 'eight';", ['eight', 'seven']],
  ["import type Seven = require('seven');", ['seven']],
  ["type D = typeof import('eight') | import('nine').E;", ['eight', 'nine']],
  ['const five = await import(/* why */ `five`);', ['five']],
  ["import data from 'ten' with { type: 'json' };", ['ten']],
  ["const { a } = process.getBuiltinModule('node:fs');", ['node:fs']],
  ["const { a } = process?.['getBuiltinModule'](`fs`);", ['fs']],
])('all imports are read in %j', (text, imports) => {
  expect(importsOf(text)).toEqual(imports);
});

test.each([
  'await import(name);',
  'await import(`node:${name}`);',
  'process.getBuiltinModule(name);',
  "const { getBuiltinModule } = process; getBuiltinModule('node:fs');",
  "const load = process['getBuiltinModule']; load('node:fs');",
])('a module whose name cannot be read may be any module of Node: %j', (text) => {
  expect(importsOf(text)).toEqual(['node:(computed)']);
});

test.each(['const a = "from \'seven\'";', "// import 'a';\n/* import('b') */", 'const a = `import "c"`;'])(
  'there is no import in %j',
  (text) => {
    expect(importsOf(text)).toEqual([]);
  },
);

test('comments have the line on which they begin', () => {
  const text = "const a = '// none';\n// one\nconst b = 1; /*\n two */\n";

  expect(parseSource('a.ts', text).comments).toEqual([
    { line: 2, text: ' one' },
    { line: 3, text: '\n two ' },
  ]);
});

test('what cannot be parsed is reported', () => {
  expect(parseSource('a.ts', 'const = 1;').errors).toEqual(['Unexpected token']);
});
