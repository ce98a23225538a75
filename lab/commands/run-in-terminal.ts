/** Runs a program in the user's terminal and exits with its exit code. */
import { constants } from 'node:os';
import { exitCodes, KataError } from '@kata/core';
import { execa } from 'execa';

export async function runInTerminal(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const [program, ...rest] = argv;
  if (program === undefined) throw new TypeError('runInTerminal needs a program');
  const result = await execa(program, rest, { stdio: 'inherit', reject: false, env: { ...env } });
  if (result.exitCode !== undefined) {
    process.exitCode = result.exitCode;
    return;
  }
  if (result.signal === undefined) {
    throw new KataError('KATA_LAB_COMMAND_FAILED', `cannot run ${program}`, {
      exitCode: exitCodes.precondition,
      cause: result,
    });
  }
  process.exitCode = 128 + (constants.signals[result.signal as NodeJS.Signals] ?? 0);
}
