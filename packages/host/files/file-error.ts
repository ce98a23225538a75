/** Turns the failure of a file operation on the host into an error with path, cause and next step. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { exitCodes, KataError } from '@kata/core';

/** The shape of Node's errors of files, processes and sockets. */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
}

interface Problem {
  readonly code: `KATA_HOST_${string}`;
  readonly names: readonly string[];
  readonly hint: string;
}

const problems: readonly Problem[] = [
  {
    code: 'KATA_HOST_NO_SPACE',
    names: ['ENOSPC', 'EDQUOT'],
    hint: 'free space on the file system (or raise its quota) and run the command again',
  },
  {
    code: 'KATA_HOST_READ_ONLY',
    names: ['EROFS'],
    hint: 'mount the file system read-write, or choose a writable path',
  },
  {
    code: 'KATA_HOST_IO',
    names: ['EIO'],
    hint: 'look for disk errors in the kernel log: journalctl --dmesg',
  },
  {
    code: 'KATA_HOST_DENIED',
    names: ['EACCES', 'EPERM'],
    hint: 'run as root, and check whether SELinux, AppArmor or the immutable attribute (lsattr) denies access',
  },
];

const otherProblem: Problem = {
  code: 'KATA_HOST_FILE',
  names: [],
  hint: 'check the path on the machine, correct it, and run the command again',
};

/** Errors that do not come from the system are returned as they are. */
export function fileError(operation: string, path: string, cause: unknown): unknown {
  if (!isSystemError(cause)) return cause;
  const { code, hint } = problems.find((problem) => problem.names.includes(cause.code)) ?? otherProblem;
  return new KataError(code, `cannot ${operation} ${path}`, {
    cause,
    hint,
    details: { operation, path, errno: cause.code },
    exitCode: exitCodes.precondition,
  });
}

export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;
}

/** An error with the format of Node's, for example `systemError('ENOENT', 'open', '/etc/hosts')`. */
export function systemError(name: string, syscall: string, path: string): SystemError {
  const number = (constants.errno as Readonly<Record<string, number>>)[name] ?? 0;
  const text = getSystemErrorMap().get(-number)?.[1] ?? 'unknown error';
  return Object.assign(new Error(`${name}: ${text}, ${syscall} '${path}'`), { code: name, syscall, path });
}
