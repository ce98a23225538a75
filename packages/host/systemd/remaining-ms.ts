/** The time left until a moment on the clock of `performance.now()`, as a valid time-out. */

/** Whole milliseconds, at least one: `AbortSignal.timeout` refuses a fraction. */
export function remainingMs(endsAtMs: number, nowMs = performance.now()): number {
  return Math.max(1, Math.ceil(endsAtMs - nowMs));
}
