import { exitCodes, KataError } from '@kata/core';
import { expect, test } from 'vitest';
import { fileError, systemError } from './file-error.ts';

test.each([
  ['ENOSPC', 'KATA_HOST_NO_SPACE'],
  ['EDQUOT', 'KATA_HOST_NO_SPACE'],
  ['EROFS', 'KATA_HOST_READ_ONLY'],
  ['EIO', 'KATA_HOST_IO'],
  ['EACCES', 'KATA_HOST_DENIED'],
  ['EPERM', 'KATA_HOST_DENIED'],
  ['EISDIR', 'KATA_HOST_FILE'],
])('%s becomes %s', (name, code) => {
  const cause = systemError(name, 'open', '/etc/file');
  const error = fileError('write', '/etc/file', cause);

  expect(error).toBeInstanceOf(KataError);
  expect(error).toMatchObject({
    code,
    message: 'cannot write /etc/file',
    cause,
    details: { operation: 'write', path: '/etc/file', errno: name },
    exitCode: exitCodes.precondition,
  });
});

test('returns errors that do not come from the system unchanged', () => {
  const error = new RangeError('a bug');

  expect(fileError('write', '/etc/file', error)).toBe(error);
});

test('has the format of errors of Node', () => {
  expect(systemError('ENOENT', 'open', '/etc/file').message).toBe(
    "ENOENT: no such file or directory, open '/etc/file'",
  );
});
