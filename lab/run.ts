/** Runs the programs that the lab uses; a failure becomes an error with the command and the end of its output. */
import { exitCodes, KataError } from '@kata/core';
import { execa, ExecaError } from 'execa';

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Called with each line that the program writes to its standard error. */
  readonly onLine?: (line: string) => void;
}

/** Resolves with the program's standard output. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const [program, ...rest] = argv;
  if (program === undefined) throw new TypeError('run needs a program');
  try {
    const child = execa(program, rest, {
      ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
      ...(options.env === undefined ? {} : { env: { ...options.env } }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
      maxBuffer: 64 * 1024 * 1024,
    });
    if (options.onLine) {
      for await (const line of child.iterable({ from: 'stderr' })) options.onLine(String(line));
    }
    const result = await child;
    return String(result.stdout);
  } catch (error) {
    throw commandError(argv, error);
  }
}

function commandError(argv: readonly string[], error: unknown): unknown {
  if (!(error instanceof ExecaError)) return error;
  const output = String(error.stderr ?? '').trim() || String(error.stdout ?? '').trim();
  const tail = output.split('\n').slice(-12).join('\n');
  const how = error.timedOut
    ? 'timed out'
    : error.exitCode === undefined
      ? `could not be started (${error.originalMessage ?? error.signal ?? 'unknown reason'})`
      : `failed with exit code ${error.exitCode}`;
  return new KataError('KATA_LAB_COMMAND_FAILED', `${argv.join(' ').slice(0, 300)} ${how}`, {
    exitCode: error.timedOut ? exitCodes.timeout : exitCodes.precondition,
    ...(tail === '' ? {} : { cause: new Error(tail) }),
  });
}
