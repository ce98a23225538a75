/** Builds kata-helper, the small static program for system calls that Node.js does not offer. */
import { execFile } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exitCodes, goArchitecture, KataError } from '@kata/core';

export interface BuildHelperOptions {
  /** Path of the program; it is created atomically. */
  readonly output: string;
  /** Go's name; only that of this machine is supported. */
  readonly architecture?: string;
}

export interface BuiltHelper {
  /** `musl-gcc`; where that is not installed `cc`, whose program with the system's C library is bigger. */
  readonly compiler: string;
}

const sources = ['kata-helper.c', 'report.c', 'waiter.c', 'watch.c'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
const compilers = ['musl-gcc', 'cc'] as const;
const flags = ['-static', '-Os', '-s', '-std=gnu11', '-Wall', '-Wextra', '-Wl,--build-id=none'] as const;
const timeoutMs = 60_000;

export async function buildHelper(options: BuildHelperOptions): Promise<BuiltHelper> {
  const architecture = options.architecture ?? goArchitecture();
  if (architecture !== goArchitecture()) {
    throw new KataError(
      'KATA_HOST_HELPER',
      `cannot build kata-helper for ${architecture} on ${goArchitecture()}`,
      {
        exitCode: exitCodes.precondition,
        hint: `build it on a machine with ${architecture}`,
      },
    );
  }
  const unfinished = `${options.output}.unfinished-${process.pid}`;
  try {
    for (const compiler of compilers) {
      if (!(await compile(compiler, unfinished))) continue;
      await rename(unfinished, options.output);
      return { compiler };
    }
  } finally {
    await rm(unfinished, { force: true });
  }
  throw new KataError('KATA_HOST_HELPER', 'cannot build kata-helper without a C compiler', {
    exitCode: exitCodes.precondition,
    hint: 'apt-get install musl-tools',
  });
}

/** False when the compiler is not installed. */
async function compile(compiler: string, output: string): Promise<boolean> {
  try {
    await promisify(execFile)(compiler, [...flags, '-o', output, ...sources], { timeout: timeoutMs });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw new KataError('KATA_HOST_HELPER', `${compiler} cannot build ${sources.join(', ')}`, {
      cause: error,
      exitCode: exitCodes.precondition,
      hint: 'apt-get install musl-tools linux-libc-dev',
    });
  }
}
