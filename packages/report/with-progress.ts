/** Shows progress while work goes on: in a terminal as a live picture, elsewhere as lines. */
import { createLinesReporter } from './lines-reporter.ts';
import { Progress } from './progress.ts';
import { createTerminalReporter } from './terminal-reporter.ts';

/** On standard error: standard output is for results. */
export async function withProgress<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
  const { stderr } = process;
  const reporter = stderr.isTTY
    ? createTerminalReporter(stderr)
    : createLinesReporter((line) => stderr.write(`${line}\n`));
  try {
    return await work(new Progress(reporter));
  } finally {
    reporter.close();
  }
}
