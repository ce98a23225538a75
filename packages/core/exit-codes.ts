/** The exit codes of every program of this repository. */
export const exitCodes = {
  ok: 0,
  bug: 1,
  usage: 2,
  precondition: 3,
  conflict: 4,
  timeout: 5,
  partial: 6,
  verification: 7,
  /** Only of `drift`. */
  drifted: 10,
  temporary: 75,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
