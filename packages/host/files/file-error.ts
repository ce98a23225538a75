/** Turns what went wrong with a file of the host into an error that says on what, why, and what to do next. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { exitCodes, KataError } from '@kata/core';

/** What the system says: Node's own errors of files, processes and sockets have this shape. */
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
    hint: 'make room on the file system (or raise its quota) and try again',
  },
  {
    code: 'KATA_HOST_READ_ONLY',
    names: ['EROFS'],
    hint: 'mount the file system writable, or choose a path that is',
  },
  {
    code: 'KATA_HOST_IO',
    names: ['EIO'],
    hint: "look for errors of the disk in the machine's kernel log",
  },
  {
    code: 'KATA_HOST_DENIED',
    names: ['EACCES', 'EPERM'],
    hint: 'run as root, and check that neither SELinux, AppArmor nor the immutable attribute forbids it',
  },
];

const otherProblem: Problem = {
  code: 'KATA_HOST_FILE',
  names: [],
  hint: 'look at the path on the machine, correct it, and try again',
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

/** An error like those of Node, for example `systemError('ENOENT', 'open', '/etc/hosts')`. */
export function systemError(name: string, syscall: string, path: string): SystemError {
  const number = (constants.errno as Readonly<Record<string, number>>)[name] ?? 0;
  const text = getSystemErrorMap().get(-number)?.[1] ?? 'unknown error';
  return Object.assign(new Error(`${name}: ${text}, ${syscall} '${path}'`), { code: name, syscall, path });
}
