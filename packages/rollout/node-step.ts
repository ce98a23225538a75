/** What to do next on a node: the output of `nextNode`. Each step can be repeated. */
import type { Claim, Taint } from './claim.ts';

export type NodeStep =
  | WriteStep
  | { readonly kind: 'delete-installer-pod'; readonly uid: string }
  | { readonly kind: 'evict' }
  | { readonly kind: 'create-verification-pod'; readonly number: number }
  | { readonly kind: 'delete-verification-pod' }
  | WaitStep
  /** It waits until the DaemonSet has the earlier payload again. */
  | { readonly kind: 'need-payload' }
  /** Another run, of another installation, has the node. */
  | { readonly kind: 'taken'; readonly by: string }
  | { readonly kind: 'end' };

/** One patch of the Node object. What is left out stays. */
export interface WriteStep {
  readonly kind: 'write';
  readonly claim: Claim;
  readonly approved?: string;
  readonly isCordoned?: boolean;
  readonly taints?: readonly Taint[];
  readonly currentVersion?: string;
}

export interface WaitStep {
  readonly kind: 'wait';
  /** What has not happened yet: a clause. */
  readonly what: string;
  /** Look again then, also without a change. */
  readonly until: Date;
}
