/** What is to be said on a node that this installation lets go, by what others still hold there. Pure. */
import { instanceLabel, labels } from '@kata/kata';
import type { HandlerEntry } from './facts.ts';
import { type NodeMetadata, removedMetadata } from './node-labels.ts';

export interface ReleasedNode {
  readonly metadata: NodeMetadata;
  /** No other installation has its mark there. */
  readonly isLast: boolean;
}

export function releasedMetadata(
  suffix: string,
  handlers: readonly HandlerEntry[],
  nodeLabels: Readonly<Record<string, string>>,
): ReleasedNode {
  const marks = Object.entries(nodeLabels).filter(
    ([name]) => name.startsWith(labels.instancePrefix) && name !== instanceLabel(suffix),
  );
  const isServed = marks.some(([, value]) => value === 'true');
  const removed = removedMetadata(suffix, handlers, isServed);
  if (isServed || marks.length === 0) return { metadata: removed, isLast: marks.length === 0 };
  // The others are on their way: no pod may come before they are there.
  return {
    metadata: { ...removed, labels: { ...removed.labels, [labels.kataRuntime]: 'false' } },
    isLast: false,
  };
}
