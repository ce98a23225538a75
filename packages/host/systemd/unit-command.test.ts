import { expect, test } from 'vitest';
import { toCommand, toProgram } from './systemd-units.ts';

test.each([
  [[['/usr/bin/containerd', ['/usr/bin/containerd', '-c', '/x'], false, 0n, 0n, 0n, 0n, 0, 0, 0]], 3],
  [[], undefined],
  [undefined, undefined],
  ['x', undefined],
  [[['/usr/bin/containerd', [1]]], undefined],
])('the command of a unit is read from case %#', (starts, length) => {
  expect(toCommand(starts)?.length).toBe(length);
});

test('the program of a unit is the executed file, whatever its first argument', () => {
  expect(toProgram([['/usr/bin/containerd', ['containerd'], false]])).toBe('/usr/bin/containerd');
  expect([toProgram([]), toProgram(undefined), toProgram([['x']])]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
