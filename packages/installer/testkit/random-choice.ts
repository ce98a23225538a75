/** Pseudo-random choices that a seed repeats. */
import type { PowerLossChoice } from '@kata/host/memory';

/** Which changes that are not durable survive. Seed 0: none; 1: all; others: a random part. */
export function choiceOf(seed: number): PowerLossChoice {
  if (seed < 2) return () => seed;
  const random = randomNumbers(seed);
  return (count) => Math.floor(random() * count);
}

/** Mulberry32: numbers from 0 to 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
