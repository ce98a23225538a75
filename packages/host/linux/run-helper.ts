/** Calls kata-helper for system calls that Node.js does not offer. */
import { execFile } from 'node:child_process';
import { getSystemErrorMap } from 'node:util';
import { exitCodes, KataError } from '@kata/core';
import { systemError } from '../files/file-error.ts';

export interface HelperCall {
  /** Path of kata-helper. */
  readonly helper: string;
  readonly command: 'copy-attributes' | 'exchange' | 'label-programs' | 'sync';
  readonly args: readonly string[];
  readonly timeoutMs: number;
}

/** Rejects with the system's error when the helper names one. */
export async function runHelper(call: HelperCall): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const argv = [call.command, ...call.args];
    execFile(call.helper, argv, { timeout: call.timeoutMs, killSignal: 'SIGKILL' }, (error, _, stderr) => {
      if (error === null) resolve();
      else
        reject(
          helperSystemError(stderr, call.command, call.args.join(' ')) ?? helperError(call, error, stderr),
        );
    });
  });
}

/** The helper ends its message with the number, because texts differ between C libraries. */
export function helperSystemError(stderr: string, call: string, path: string): Error | undefined {
  const number = /\(errno (\d+)\)$/.exec(stderr.trim())?.[1];
  const name = getSystemErrorMap().get(-Number(number))?.[0];
  return name === undefined ? undefined : systemError(name, call, path);
}

function helperError(call: HelperCall, error: Error, stderr: string): KataError {
  return new KataError('KATA_HOST_HELPER', `kata-helper ${call.command} ${call.args.join(' ')} failed`, {
    cause: stderr.trim() === '' ? error : new Error(stderr.trim()),
    hint: `check that ${call.helper} exists and is built for this machine`,
    exitCode: exitCodes.precondition,
  });
}
