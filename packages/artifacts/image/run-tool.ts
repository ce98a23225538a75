/** Runs a program that packing needs; the hint of a failure names its package. */
import { exitCodes, KataError } from '@kata/core';
import { execa, ExecaError } from 'execa';

export async function runTool(tool: string, packageName: string, words: readonly string[]): Promise<string> {
  try {
    return (await execa(tool, words, { timeout: 5 * 60_000, env: { LC_ALL: 'C' } })).stdout;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    throw new KataError('KATA_ARTIFACTS_TOOL', `${tool} failed on ${words.at(-1) ?? ''}`, {
      exitCode: exitCodes.precondition,
      cause: error,
      hint: `check that ${tool} is installed (on Debian: package ${packageName})`,
    });
  }
}
