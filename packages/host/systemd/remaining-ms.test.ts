import { expect, test } from 'vitest';
import { remainingMs } from './remaining-ms.ts';

test.each([
  { endsAtMs: 120_000.5, nowMs: 94.6, left: 119_906 },
  { endsAtMs: 5, nowMs: 5, left: 1 },
  { endsAtMs: 5, nowMs: 99.9, left: 1 },
])('issue 12.6: the rest of a restart, $left ms, is a valid time-out', ({ endsAtMs, nowMs, left }) => {
  expect(remainingMs(endsAtMs, nowMs)).toBe(left);
  expect(() => AbortSignal.timeout(remainingMs(endsAtMs, nowMs))).not.toThrow();
});
