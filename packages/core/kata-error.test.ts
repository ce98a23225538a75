import { expect, test } from 'vitest';
import { describeError, KataError } from './kata-error.ts';

test.each([
  {
    name: 'a plain error',
    error: new Error('cannot open the file'),
    text: 'cannot open the file',
  },
  {
    name: 'causes, from the outside in',
    error: new Error('cannot start', { cause: new Error('no socket', { cause: new Error('ENOENT') }) }),
    text: 'cannot start\n  because: no socket\n  because: ENOENT',
  },
  {
    name: 'a hint after the causes',
    error: new KataError('KATA_TEST', 'cannot start', { cause: new Error('no socket'), hint: 'lab up' }),
    text: 'cannot start\n  because: no socket\n  next: lab up',
  },
  {
    name: 'a cause that is not an error',
    error: new Error('cannot start', { cause: 7 }),
    text: 'cannot start',
  },
  { name: 'a thrown value that is not an error', error: 'just text', text: 'just text' },
  { name: 'nothing', error: undefined, text: 'undefined' },
])('describes $name', ({ error, text }) => {
  expect(describeError(error)).toBe(text);
});

test('describes an error that is its own cause once', () => {
  const error = new Error('a circle');
  error.cause = error;

  expect(describeError(error)).toBe('a circle');
});

test('an error without options is a bug without details', () => {
  const error = new KataError('KATA_TEST', 'cannot start');

  expect({ details: error.details, exitCode: error.exitCode, hint: error.hint }).toEqual({
    details: {},
    exitCode: 1,
    hint: undefined,
  });
  expect('cause' in error).toBe(false);
});
