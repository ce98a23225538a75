/** Options that several commands share. */
import { createLinesReporter, createTerminalReporter, Progress, type ProgressReporter } from '@kata/report';
import { Option } from 'commander';
import type { LabConfig } from '../config.ts';

export interface NameOption {
  readonly name: string;
}

export function nameOption(config: LabConfig): Option {
  return new Option('--name <lab>', 'which lab').default(config.defaultName);
}

export interface OutputOption {
  readonly output: 'text' | 'json';
}

export function outputOption(): Option {
  return new Option('--output <format>', 'how to print the result').choices(['text', 'json']).default('text');
}

/** Progress goes to standard error: standard output is for results. */
export async function withProgress<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
  const reporter = createReporter();
  try {
    return await work(new Progress(reporter));
  } finally {
    reporter.close();
  }
}

function createReporter(): ProgressReporter {
  if (process.stderr.isTTY) return createTerminalReporter(process.stderr);
  return createLinesReporter((line) => process.stderr.write(`${line}\n`));
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
