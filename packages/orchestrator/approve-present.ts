/** What `manage` approves on a node: the release that it has, so that nothing changes under management. */
import { approvedRelease, type NodeStatus, readStatus, versionOf } from '@kata/node';

interface Annotated {
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Undefined when nothing has to be written: the node has no release, or its approval names the one that it has. Another
 * approval is replaced, such as one of an earlier management: a held node, too, would switch to it at its next restart.
 */
export function approvalToWrite(node: Annotated, suffix: string): string | undefined {
  const current = readStatus(node, suffix)?.current;
  const approved = approvedRelease(node, suffix);
  if (current === undefined || approved === current || approved === versionOf(current)) return undefined;
  return current;
}

/** Without management its installer would install another release; an administrator's hold counts then. */
export function wouldChange({ phase, reason, current, offered }: NodeStatus): boolean {
  if (reason === 'HeldByAdministrator') return false;
  return phase === 'held' || (offered !== undefined && offered !== current);
}
