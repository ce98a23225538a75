/** The release that a user's rollback returns a node to. */
import type { NodeView } from './node-view.ts';

export type Return =
  /** A rollback has returned it already. */
  | { readonly kind: 'done'; readonly release: string; readonly run: string }
  | { readonly kind: 'to'; readonly release: string }
  /** It has no earlier release. */
  | { readonly kind: 'none' };

/** To the release before that of the last run, else to the one that the installer names. */
export function returnsTo(
  { claim: found, status }: Pick<NodeView, 'claim' | 'status'>,
  installation: string,
): Return {
  const claim = found?.installation === installation ? found : undefined;
  const current = status?.current;
  const before = claim?.before.release ?? undefined;
  if (claim?.phase === 'rolled-back' && before !== undefined && current === before) {
    return { kind: 'done', release: before, run: claim.run };
  }
  // A run that only verified what a node had changed nothing.
  const hasChanged = claim !== undefined && claim.target !== claim.before.release;
  const isOfRun = hasChanged && (current === undefined || [claim.target, before].includes(current));
  const release = isOfRun ? before : status?.previous;
  return release === undefined ? { kind: 'none' } : { kind: 'to', release };
}
