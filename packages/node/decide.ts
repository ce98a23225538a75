/** What a pod does that is told to end: the three stages of upstream's decision, as a pure function of what is seen. */
import { labels as names, legacyDaemonSet } from '@kata/kata';
import { type Selection, type SelectedNode, selectsNode } from './node-selection.ts';

export interface SeenDaemonSet {
  readonly namespace: string;
  readonly name: string;
  readonly beingDeleted: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  readonly selection: Selection;
}

export interface TerminationView {
  /** Our own DaemonSet; undefined when it is gone. */
  readonly daemonSet: Pick<SeenDaemonSet, 'beingDeleted' | 'selection'> | undefined;
  readonly node: SelectedNode;
}

export type TerminationDecision =
  /** The pod is only restarted or replaced. */
  { readonly kind: 'stay'; readonly reason: string } | { readonly kind: 'remove'; readonly reason: string };

export function decideAtTermination({ daemonSet, node }: TerminationView): TerminationDecision {
  if (daemonSet === undefined) return { kind: 'remove', reason: 'its DaemonSet is gone' };
  if (daemonSet.beingDeleted) return { kind: 'remove', reason: 'its DaemonSet is being deleted' };
  return selectsNode(daemonSet.selection, node)
    ? { kind: 'stay', reason: 'its DaemonSet still exists and selects this node' }
    : { kind: 'remove', reason: 'its DaemonSet no longer selects this node' };
}

/** What becomes of the label that all installations share when one of them goes. */
export type SharedLabel = 'keep' | 'demote' | 'remove';

export interface SharedView {
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** Our own mark on the node. */
  readonly ownMark: string;
  /** Of another installer, which knows no marks, and selects this node. */
  readonly hasLegacy: boolean;
}

export function decideSharedLabel({ nodeLabels, ownMark, hasLegacy }: SharedView): SharedLabel {
  const others = Object.entries(nodeLabels)
    .filter(([key]) => key.startsWith(names.instancePrefix) && key !== ownMark)
    .map(([, value]) => value);
  if (others.includes('true')) return 'keep';
  if (others.includes('false')) return 'demote';
  return hasLegacy ? 'keep' : 'remove';
}

/** Whether a DaemonSet other than our own is of an installer that writes no marks, as upstream's early ones. */
export function isLegacyInstaller(
  daemonSet: SeenDaemonSet,
  own: { readonly namespace: string; readonly name: string },
  node: SelectedNode,
): boolean {
  const isOwn = daemonSet.namespace === own.namespace && daemonSet.name === own.name;
  if (isOwn || daemonSet.beingDeleted || !daemonSet.name.includes(legacyDaemonSet.nameContains)) return false;
  if (daemonSet.annotations[legacyDaemonSet.writesMarks] === 'true') return false;
  return selectsNode(daemonSet.selection, node);
}
