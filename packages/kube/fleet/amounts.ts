/** Amounts of resources, such as what a pod requests, or a node has. */
import * as z from 'zod';
import { parseQuantity } from './quantity.ts';

/** By resource, in billionths: see `parseQuantity`. */
export type Amounts = Readonly<Record<string, bigint>>;

const quantity = z.union([z.string(), z.number()]).transform((given) => parseQuantity(String(given)) ?? 0n);

export const amountsSchema = z.record(z.string(), quantity).nullish();

export function sumOf(...all: readonly Amounts[]): Amounts {
  return all.reduce((one, other) => combine(one, other, (a, b) => a + b), {});
}

/** Of each resource. */
export function largestOf(one: Amounts, other: Amounts): Amounts {
  return combine(one, other, (a, b) => (a > b ? a : b));
}

function combine(one: Amounts, other: Amounts, choose: (a: bigint, b: bigint) => bigint): Amounts {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, choose(one[name] ?? 0n, other[name] ?? 0n)]));
}
