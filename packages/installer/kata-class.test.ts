import { expect, test } from 'vitest';
import { isKataClass } from './kata-class.ts';

test.each([
  ['kata', true],
  ['kata-qemu-blue', true],
  ['my-vm', true],
  ['of-an-administrator', true],
  ['runc', false],
  ['nvidia', false],
])('a pod of the class %s counts as a Kata sandbox: %s', (name, isKata) => {
  expect(isKataClass(name, ['kata-qemu', 'my-vm'], ['runc', 'nvidia', 'kata-qemu', 'my-vm'])).toBe(isKata);
});
