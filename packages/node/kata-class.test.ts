import { expect, test } from 'vitest';
import { isOurClass } from './kata-class.ts';

test.each([
  ['a handler of this installation', 'kata-qemu', true],
  ['a RuntimeClass of any name', 'kata', true],
  ['a RuntimeClass of any name', 'vm-pods', true],
  ['a foreign handler', 'nvidia', false],
  ['a handler of another installation', 'kata-qemu-blue', false],
])('%s: %s', (_, runtimeClass, isOurs) => {
  const nodeHandlers = ['runc', 'nvidia', 'kata-qemu', 'kata-qemu-blue'];

  expect(isOurClass(runtimeClass, ['kata-qemu'], nodeHandlers)).toBe(isOurs);
});
