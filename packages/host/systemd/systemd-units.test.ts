import { expect, test } from 'vitest';
import { toMilliseconds } from './systemd-units.ts';
import { unitError } from './unit-error.ts';

test.each([
  { microseconds: 1_795_230_075_904_500n, milliseconds: 1_795_230_075_904.5 },
  { microseconds: 0n, milliseconds: undefined },
  { microseconds: undefined, milliseconds: undefined },
])('a time of $microseconds is $milliseconds', ({ microseconds, milliseconds }) => {
  expect(toMilliseconds(microseconds)).toBe(milliseconds);
});

test('the error names the unit and the result that systemd reported', () => {
  const error = unitError({ unit: 'crio.service', operation: 'restart', result: 'dependency' });

  expect([error.code, error.message, error.exitCode, error.hint, error.details]).toEqual([
    'KATA_HOST_UNIT',
    'cannot restart crio.service: dependency',
    3,
    'systemctl status crio.service; journalctl -u crio.service',
    { unit: 'crio.service', operation: 'restart', result: 'dependency' },
  ]);
});
