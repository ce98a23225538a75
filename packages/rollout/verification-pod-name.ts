/** Names of verification pods. */
import { sha256 } from '@kata/core';

const prefix = 'kata-verify-';
const longest = 63;
const digits = 10;

/**
 * The same for the same attempt, different for every other one: a DNS label with as much of the node's name as fits, and a
 * hash of all three.
 */
export function verificationPodName(node: string, run: string, attempt: number): string {
  const hash = sha256(JSON.stringify([node, run, attempt])).slice(0, digits);
  const readable = node
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, longest - prefix.length - digits - 1)
    .replaceAll(/^-|-$/g, '');
  return `${prefix}${[readable, hash].filter((part) => part !== '').join('-')}`;
}
