/** What a killed Helm leaves, and where a release goes from there. */
import type { Revision } from './release.ts';

/** Helm refuses an upgrade of a release whose newest revision is one of these, for ever. */
export function isPending(status: Revision['status']): boolean {
  return status === 'pending-install' || status === 'pending-upgrade' || status === 'pending-rollback';
}

/** Where Helm takes the user's values from: the deployed revision, even when the newest one failed. Oldest first. */
export function deployedRevision(history: readonly Revision[]): number | undefined {
  const deployed = history.findLast(({ status }) => status === 'deployed');
  // Killed between the last two writes of a change, Helm leaves none deployed.
  return (deployed ?? history.findLast(wasDeployed))?.revision;
}

/**
 * The revision that ends an interrupted change: that which an interrupted rollback was going to, else the last one that
 * was deployed. Undefined when none ever was.
 */
export function revisionToRecover(history: readonly Revision[]): number | undefined {
  const [newest] = history.slice(-1);
  const target = newest?.status === 'pending-rollback' ? rollbackTarget(newest) : undefined;
  const isStored = history.some((one) => one.revision === target && wasDeployed(one));
  return isStored ? target : deployedRevision(history.filter((one) => one !== newest));
}

/** Helm's description of a rollback, from its start on. */
function rollbackTarget({ description }: Revision): number | undefined {
  const [, revision] = /^Rollback to (\d+)$/.exec(description) ?? [];
  return revision === undefined ? undefined : Number(revision);
}

/** A failed rollback marks the revision before it superseded, also one that was never completed. */
function wasDeployed({ status, description }: Revision): boolean {
  if (status === 'deployed') return true;
  return status === 'superseded' && !['Preparing upgrade', 'Initial install underway'].includes(description);
}
