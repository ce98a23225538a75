import { expect, test } from 'vitest';
import { namedFiles } from './named-files.ts';

test('names the files of all texts together, the later winning', () => {
  expect(
    namedFiles([
      '[hypervisor.qemu]\npath = "/usr/bin/qemu"\nkernel = "/kernel"\nimage = ""\nmachine_type = "/q35"\n',
      '[hypervisor.qemu]\nkernel = "/other"\n',
      '[runtime]\nkernel = "/none"\n',
    ]),
  ).toEqual(['/other', '/usr/bin/qemu']);
});

test('a text that is no TOML is refused', () => {
  expect(() => namedFiles(['kernel ='])).toThrow(/Kata configuration/);
});
