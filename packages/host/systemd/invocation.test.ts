import { expect, test } from 'vitest';
import { toInvocation } from './invocation.ts';

const signs = { bootId: 'b1', mainPid: 7, enteredMonotonic: 12n };

test.each([
  { title: 'sixteen bytes', id: Buffer.from('00ff'.repeat(8), 'hex'), found: '00ff'.repeat(8) },
  { title: 'the bytes as numbers', id: [1, 255], found: '01ff' },
  { title: 'no byte for a unit that was never started', id: Buffer.alloc(0), found: undefined },
  { title: 'the signs of a start without such a property', id: undefined, found: 'b1/7/12' },
])('issue 12.2: a start of a unit is identified by $title', ({ id, found }) => {
  expect(toInvocation(id, signs)).toBe(found);
});

test('issue 12.2: on an old systemd, a unit that was never started has no invocation', () => {
  expect(toInvocation(undefined, { ...signs, enteredMonotonic: 0n })).toBeUndefined();
});
