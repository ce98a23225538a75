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
])('%j is an expression of both runtimes', (text) => {
  expect(expressionProblem(text)).toBeUndefined();
});

test.each([
  ['*', 'has nothing before "*" to repeat'],
  ['a|+', 'has nothing before "+" to repeat'],
  ['default_[', 'has "[" without "]"'],
  ['[z-a]', 'has a range that goes backwards'],
  ['[a&&b]', 'has one set of characters in another'],
  ['(?!path).*', 'looks ahead or behind, or has flags that not both know'],
  ['(?<=a)b', 'looks ahead or behind, or has flags that not both know'],
  [String.raw`(a)\1`, String.raw`refers back by "\1"`],
  [String.raw`\_`, String.raw`has "\_", which not both know`],
  ['(a', 'has "(" without ")"'],
  ['a)', 'has ")" without "("'],
  ['a**', 'repeats "*" itself'],
  ['a{3,1}', 'cannot repeat "{3,1}"'],
  ['(a{40}){40}', 'repeats more than 1000 times'],
  ['a{', String.raw`needs "\{" for the character itself`],
  ['(?P<a>x)(?P<a>y)', 'has two groups "a"'],
  ['a\\', 'ends in the middle'],
])('%j is none: it %s', (text, problem) => {
  expect(expressionProblem(text)).toBe(problem);
});
