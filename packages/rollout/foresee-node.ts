/** What an upgrade will do on a node, as far as it can be known before the installer offers the new release. */
import { versionOf } from '@kata/node';
import type { NodeView } from './node-view.ts';

export type Prospect =
  /** It has no release yet. */
  | 'install'
  | 'upgrade'
  /** It has the release, and no run has verified it. */
  | 'verify'
  /** A run has verified the release that it has: it is left alone. */
  | 'right';

export interface ExpectedRelease {
  readonly version: string;
  /** Helm changes nothing: what the installers offer now is the target. */
  readonly isOffered: boolean;
  /** Helm changes values: the same version will be another release. */
  readonly hasOtherValues: boolean;
}

export function foreseeNode(
  { claim, status, approved }: Pick<NodeView, 'claim' | 'status' | 'approved'>,
  { version, isOffered, hasOtherValues }: ExpectedRelease,
): Prospect {
  const current = status?.current;
  if (current === undefined) return 'install';
  const offered = isOffered ? status?.offered : undefined;
  const hasTarget =
    offered === undefined ? versionOf(current) === version && !hasOtherValues : current === offered;
  if (!hasTarget) return 'upgrade';
  const isVerified = claim?.phase === 'completed' && claim.target === current && approved === current;
  return isVerified && status?.phase === 'installed' ? 'right' : 'verify';
}
