/** What a pod does that is told to end: the three stages of upstream's decision, as a pure function of what is seen. */

export interface TerminationView {
  /** Our own DaemonSet; undefined when it is gone. */
  readonly daemonSet:
    | { readonly beingDeleted: boolean; readonly nodeSelector: Readonly<Record<string, string>> }
    | undefined;
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** Our own mark on the node, and how marks of all installations begin. */
  readonly ownMark: string;
  readonly markPrefix: string;
}

export type TerminationDecision =
  /** The pod is only restarted or replaced. */
  | { readonly kind: 'stay'; readonly reason: string }
  /** Only this installation goes; the node keeps what all installations share. */
  | { readonly kind: 'remove-instance'; readonly others: readonly string[] }
  | { readonly kind: 'remove-all' };

export function decideAtTermination(view: TerminationView): TerminationDecision {
  const { daemonSet, nodeLabels } = view;
  if (daemonSet !== undefined && !daemonSet.beingDeleted) {
    const selects = Object.entries(daemonSet.nodeSelector).every(([key, value]) => nodeLabels[key] === value);
    if (selects) return { kind: 'stay', reason: 'its DaemonSet still exists and selects this node' };
  }
  const others = Object.entries(nodeLabels)
    .filter(([key, value]) => key.startsWith(view.markPrefix) && key !== view.ownMark && value === 'true')
    .map(([key]) => key.slice(view.markPrefix.length));
  return others.length > 0 ? { kind: 'remove-instance', others } : { kind: 'remove-all' };
}
