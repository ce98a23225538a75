/** Pseudo-random choices that a seed repeats. */
import type { PowerLossChoice } from '@kata/host/memory';

/** Which changes that are not durable survive. Seed 0: none; 1: all; others: a random part. */
export function choiceOf(seed: number): PowerLossChoice {
  if (seed < 2) return () => seed;
  const random = randomNumbers(seed);
  return (count) => Math.floor(random() * count);
}

/** A part of many cases, chosen at random. */
export interface Sample {
  readonly random: () => number;
  /** Number of chosen cases. */
  readonly count: number;
}

/** Different numbers from 0 to `total - 1`, in ascending order; without a sample, all of them. */
export function choose(total: number, sample?: Sample): readonly number[] {
  const all = Array.from({ length: total }, (_, index) => index);
  if (sample === undefined) return all;
  return all
    .map((index) => ({ index, place: sample.random() }))
    .toSorted((a, b) => a.place - b.place)
    .slice(0, sample.count)
    .map(({ index }) => index)
    .toSorted((a, b) => a - b);
}

/** The seed of a random sample: `SEED`, else derived from the time. @throws TypeError when it is not a number */
export function readSeed(environment: Readonly<Record<string, string | undefined>>, now: number): number {
  const text = environment['SEED'] ?? '';
  if (text === '') return now % 1_000_000;
  if (/^\d+$/.test(text)) return Number(text);
  throw new TypeError(`SEED is not a number: ${text}`);
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
