/** Takes back the labels by which a node says that it serves what its engine does not list. Pure. */
import { instanceLabel, labels } from '@kata/kata';
import { decideSharedLabel } from './decide.ts';
import type { NodeMetadata } from './node-labels.ts';

export interface LabelTruth {
  /** All handlers that the engine lists. */
  readonly served: readonly string[];
  /** Names of handlers that this installation has, or shall have: while one of them is served, it is no lie that it serves. */
  readonly ours: readonly string[];
  /** An installer without marks serves this node, too. */
  readonly hasLegacy: boolean;
}

export function truthfulLabels(
  node: NodeMetadata,
  suffix: string,
  { served, ours, hasLegacy }: LabelTruth,
): Readonly<Record<string, string | null>> {
  const { handlerPrefix, kataRuntime } = labels;
  const untrue = Object.keys(node.labels).filter(
    (key) => key.startsWith(handlerPrefix) && !served.includes(key.slice(handlerPrefix.length)),
  );
  const changes: Record<string, string | null> = Object.fromEntries(untrue.map((key) => [key, null]));
  if (ours.some((name) => served.includes(name))) return changes;
  const ownMark = instanceLabel(suffix);
  if (node.labels[ownMark] === 'true') changes[ownMark] = 'false';
  const shared = decideSharedLabel({ nodeLabels: node.labels, ownMark, hasLegacy });
  if (node.labels[kataRuntime] === 'true' && shared !== 'keep') changes[kataRuntime] = 'false';
  return changes;
}
