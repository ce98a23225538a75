/** The one error class: what failed and on what, why, and what to do next. */
import { type ExitCode, exitCodes } from './exit-codes.ts';

export interface KataErrorOptions {
  /** What the user can do next, as one sentence or a command. */
  readonly hint?: string;
  /** Facts for programs and for `--output json`; never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

export class KataError extends Error {
  /** Stable and documented, such as `KATA_LAB_NOT_ROOT`. */
  readonly code: `KATA_${string}`;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly exitCode: ExitCode;

  constructor(code: `KATA_${string}`, message: string, options: KataErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'KataError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
    this.exitCode = options.exitCode ?? exitCodes.bug;
  }
}

/** Renders an error for users: the message, its causes, the hint. */
export function describeError(error: unknown): string {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  let current = error;
  let hint: string | undefined;
  while (current instanceof Error && !seen.has(current)) {
    seen.add(current);
    lines.push(lines.length === 0 ? current.message : `  because: ${current.message}`);
    // The outermost hint is the closest to what the user requested.
    if (current instanceof KataError) hint ??= current.hint;
    current = current.cause;
  }
  if (lines.length === 0) lines.push(String(error));
  if (hint !== undefined) lines.push(`  next: ${hint}`);
  return lines.join('\n');
}
