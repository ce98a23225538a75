/** Finds the labels of handlers that a node does not serve. Pure. */
import { instanceLabel, labels } from '@kata/kata';
import { decideSharedLabel } from './decide.ts';
import type { NodeMetadata } from './node-labels.ts';

export interface LabelFacts {
  /** All handlers that the engine lists. */
  readonly served: readonly string[];
  /** Names of recorded and configured handlers: while one is served, the instance label stays `true`. */
  readonly ours: readonly string[];
  /** An installer without instance label also serves this node. */
  readonly hasLegacy: boolean;
}

/** Changes that remove them. */
export function staleLabelChanges(
  node: NodeMetadata,
  suffix: string,
  { served, ours, hasLegacy }: LabelFacts,
): Readonly<Record<string, string | null>> {
  const { handlerPrefix, kataRuntime } = labels;
  const stale = Object.keys(node.labels).filter(
    (key) => key.startsWith(handlerPrefix) && !served.includes(key.slice(handlerPrefix.length)),
  );
  const changes: Record<string, string | null> = Object.fromEntries(stale.map((key) => [key, null]));
  if (ours.some((name) => served.includes(name))) return changes;
  const ownLabel = instanceLabel(suffix);
  if (node.labels[ownLabel] === 'true') changes[ownLabel] = 'false';
  const shared = decideSharedLabel({ nodeLabels: node.labels, ownLabel, hasLegacy });
  if (node.labels[kataRuntime] === 'true' && shared !== 'keep') changes[kataRuntime] = 'false';
  return changes;
}
