/** The cleanup decision of a terminating pod, in the three stages of upstream's. Pure. */
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
  /** Our own DaemonSet; undefined when it was deleted. */
  readonly daemonSet: Pick<SeenDaemonSet, 'beingDeleted' | 'selection'> | undefined;
  readonly node: SelectedNode;
}

export type TerminationDecision =
  /** The pod is only restarted or replaced. */
  { readonly kind: 'stay'; readonly reason: string } | { readonly kind: 'remove'; readonly reason: string };

export function decideAtTermination({ daemonSet, node }: TerminationView): TerminationDecision {
  if (daemonSet === undefined) return { kind: 'remove', reason: 'its DaemonSet was deleted' };
  if (daemonSet.beingDeleted) return { kind: 'remove', reason: 'its DaemonSet is being deleted' };
  return selectsNode(daemonSet.selection, node)
    ? { kind: 'stay', reason: 'its DaemonSet still exists and selects this node' }
    : { kind: 'remove', reason: 'its DaemonSet no longer selects this node' };
}

/** What happens to the label that all installations share when one of them is removed. */
export type SharedLabel = 'keep' | 'demote' | 'remove';

export interface SharedView {
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** Our own instance label. */
  readonly ownLabel: string;
  /** Another installer, which sets no instance label, also selects this node. */
  readonly hasLegacy: boolean;
}

export function decideSharedLabel({ nodeLabels, ownLabel, hasLegacy }: SharedView): SharedLabel {
  const others = Object.entries(nodeLabels)
    .filter(([key]) => key.startsWith(names.instancePrefix) && key !== ownLabel)
    .map(([, value]) => value);
  if (others.includes('true')) return 'keep';
  if (others.includes('false')) return 'demote';
  return hasLegacy ? 'keep' : 'remove';
}

/** Whether a DaemonSet other than our own is an installer that sets no instance label, as early ones of upstream. */
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
