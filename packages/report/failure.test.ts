import { KataError } from '@kata/core';
import { expect, test } from 'vitest';
import { formatFailure } from './failure.ts';

const stamp = { program: 'kata-deploy', now: () => new Date('2026-01-01'), node: 'n1' };
const known = new KataError('KATA_HOST_LOCK', 'cannot lock it', {
  exitCode: 5,
  hint: 'run it again',
  cause: new Error('EAGAIN'),
});

test.each([
  ['auto', known, 'kata-deploy: cannot lock it\n  because: EAGAIN\n  next: run it again'],
  ['plain', new TypeError('not a function'), 'kata-deploy: not a function'],
] as const)('with --progress %s it is text: %s', (mode, error, text) => {
  expect(formatFailure(error, { ...stamp, mode })).toBe(text);
});

test.each([
  [
    known,
    {
      message: 'kata-deploy: cannot lock it\n  because: EAGAIN\n  next: run it again',
      code: 'KATA_HOST_LOCK',
      exitCode: 5,
      hint: 'run it again',
    },
  ],
  [
    new TypeError('not a function'),
    { message: 'kata-deploy: not a function', code: null, exitCode: 1, hint: null },
  ],
])('with --progress json it is one event: %s', (error, event) => {
  const line = formatFailure(error, { ...stamp, mode: 'json' });

  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toStrictEqual({
    time: '2026-01-01T00:00:00.000Z',
    node: 'n1',
    kind: 'command.failed',
    ...event,
  });
});
