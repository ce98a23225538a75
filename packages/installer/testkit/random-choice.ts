/** Choices that look random and can be had again by their seed. */
import type { PowerLossChoice } from '@kata/host/memory';

/** Seed 0: nothing happened that was not durable; 1: everything did; all others: any part of it. */
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
