import { expect, test } from 'vitest';
import { toInvocation } from './invocation.ts';

const signs = { bootId: 'b1', mainPid: 7, enteredMonotonic: 12n };

test.each([
  { title: 'sixteen bytes', id: Buffer.from('00ff'.repeat(8), 'hex'), found: '00ff'.repeat(8) },
  { title: 'the bytes as numbers', id: [1, 255], found: '01ff' },
  { title: 'no byte: it was never started', id: Buffer.alloc(0), found: undefined },
  { title: 'no such property: what differs from start to start', id: undefined, found: 'b1/7/12' },
])('issue 12.2: a start of a unit is known by $title', ({ id, found }) => {
  expect(toInvocation(id, signs)).toBe(found);
});

test('issue 12.2: an old systemd that never started a unit knows no start of it', () => {
  expect(toInvocation(undefined, { ...signs, enteredMonotonic: 0n })).toBeUndefined();
});
