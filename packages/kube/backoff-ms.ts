/** Computes the pause after failed attempts. */

export const longestBackoffMs = 8000;

/** Doubles with each of the attempts (1 or more), up to `longestBackoffMs`, with a jitter of a quarter. */
export function backoffMs(firstMs: number, attempts: number): number {
  return Math.min(longestBackoffMs, firstMs * 2 ** (attempts - 1)) * (0.75 + Math.random() / 2);
}
