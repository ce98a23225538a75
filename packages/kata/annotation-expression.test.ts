import { expect, test } from 'vitest';
import { expressionProblem } from './annotation-expression.ts';

test.each([
  'default_vcpus',
  '^path$',
  'default_.*',
  '(default|max)_vcpus?',
  String.raw`virtio_fs_extra_args\.x`,
  '[a-z_]+',
  '[^a-]{2}',
  '(?i)PATH',
  '(?P<part>a)b',
  '.',
  '',
])('%j is an expression in both runtimes', (text) => {
  expect(expressionProblem(text)).toBeUndefined();
});

test.each([
  ['*', 'has nothing before "*" to repeat'],
  ['a|+', 'has nothing before "+" to repeat'],
  ['default_[', 'has "[" without "]"'],
  ['[z-a]', 'has a reversed range'],
  ['[a&&b]', 'has a set of characters inside another'],
  ['(?!path).*', 'uses look-around, or flags that only one runtime supports'],
  ['(?<=a)b', 'uses look-around, or flags that only one runtime supports'],
  [String.raw`(a)\1`, String.raw`has the back-reference "\1"`],
  [String.raw`\_`, String.raw`has "\_", which only one runtime supports`],
  ['(a', 'has "(" without ")"'],
  ['a)', 'has ")" without "("'],
  ['a**', 'repeats the repetition "*"'],
  ['a{3,1}', 'has the invalid repetition "{3,1}"'],
  ['(a{40}){40}', 'repeats more than 1000 times'],
  ['a{', String.raw`needs "\{" for a literal "{"`],
  ['(?P<a>x)(?P<a>y)', 'has two groups "a"'],
  ['a\\', 'is incomplete'],
])('%j is refused: it %s', (text, problem) => {
  expect(expressionProblem(text)).toBe(problem);
});
