/** What is left until a moment on the clock of `performance.now()`, as a timer takes it. */

/** Whole milliseconds, at least one: `AbortSignal.timeout` refuses a fraction. */
export function remainingMs(endsAtMs: number, nowMs = performance.now()): number {
  return Math.max(1, Math.ceil(endsAtMs - nowMs));
}
