/** What is seen of a node, and on what terms a run treats it: the input of `nextNode`. */
import type { NodeStatus } from '@kata/node';
import type { Claim, Taint } from './claim.ts';
import type { Policy } from './policy.ts';
import type { Verdict } from './verdict.ts';

export interface NodeView {
  readonly name: string;
  readonly isCordoned: boolean;
  readonly taints: readonly Taint[];
  readonly claim: Claim | undefined;
  /** This process wrote the claim. */
  readonly isOurs: boolean;
  /** The approved release: an id or a version. */
  readonly approved: string | undefined;
  /** As the installer reported it. */
  readonly status: NodeStatus | undefined;
  readonly installerPod:
    | {
        readonly uid: string;
        readonly beingDeleted: boolean;
        /** It was made from the DaemonSet's present template. */
        readonly isCurrent: boolean;
      }
    | undefined;
  /** The newest one, also one that was deleted unexpectedly; undefined when there is no such pod. */
  readonly verification: SeenVerification | undefined;
  /** Pods that a drain has to evict, terminating ones included. */
  readonly evictable: readonly string[];
}

export interface SeenVerification {
  /** The number of the pod, as in `Claim.verifications`. */
  readonly number: number;
  /** It is terminating. */
  readonly beingDeleted: boolean;
  readonly verdict: Verdict;
}

export interface Terms {
  readonly run: string;
  /** Suffix of the installation. */
  readonly installation: string;
  readonly policy: Policy;
  readonly now: Date;
  /** `back`: every node of the run returns to its earlier release. */
  readonly direction: 'forward' | 'back';
  /** The installer's pods carry the release that the nodes had before the run. */
  readonly isPayloadBack: boolean;
  /** The installer must not offer it: the run upgrades from it. Null: there is no such version. */
  readonly versionBefore: string | null;
  /** Whether the installer's DaemonSet tolerates the taint. */
  readonly tolerates: (taint: Taint) => boolean;
}
